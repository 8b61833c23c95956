import { describe, expect, it } from 'vitest'
import { useNeighbours } from '#tests/federation/inbox/setup.ts'
import { clientOf } from './client.ts'

const near = useNeighbours()

describe('attachments of another server', () => {
  it('keep their kind, their sizes and their words', async () => {
    const cdn = `${near.foreign.url}/media`
    const note = near.note(near.bob, 'films', {
      attachment: [
        {
          type: 'Document',
          mediaType: 'video/mp4',
          url: `${cdn}/cat.mp4`,
          name: 'A cat',
          width: 320,
          height: 240,
          icon: { type: 'Image', url: `${cdn}/cat.jpg` },
        },
        { type: 'Audio', mediaType: 'audio/mpeg', url: `${cdn}/rain.mp3`, summary: 'Rain' },
        { type: 'Document', mediaType: 'application/pdf', url: `${cdn}/a.pdf` },
      ],
    })
    await near.send(near.bob, near.create(near.bob, note))
    const { id } = (await near.stored(note.id)) ?? { id: '' }
    const status = await clientOf(near.server).get(`/api/v1/statuses/${id}`, near.alice)
    expect(status.media_attachments).toMatchObject([
      {
        type: 'video',
        remote_url: `${cdn}/cat.mp4`,
        preview_remote_url: `${cdn}/cat.jpg`,
        preview_url: expect.any(String),
        description: 'A cat',
        meta: { original: { width: 320, height: 240, size: '320x240' } },
      },
      { type: 'audio', remote_url: `${cdn}/rain.mp3`, preview_url: null, description: 'Rain', meta: {} },
      { type: 'unknown', remote_url: `${cdn}/a.pdf`, description: null },
    ])
  })

  it('of a film are the film, after its title and where it is', async () => {
    const page = `${near.bob.uri}/w/1`
    const link = (mediaType: string, href: string, height?: number) => ({
      type: 'Link',
      mediaType,
      href,
      height,
    })
    const video = near.note(near.bob, 'film', {
      type: 'Video',
      name: 'A film',
      content: 'About the sea',
      mediaType: 'text/markdown',
      url: [
        link('text/html', page),
        {
          ...link('application/x-mpegURL', `${page}.m3u8`),
          tag: [link('video/mp4', `${page}-1080.mp4`, 1080), link('video/mp4', `${page}-480.mp4`, 480)],
        },
      ],
      icon: [{ type: 'Image', url: `${page}.jpg` }],
    })
    await near.send(near.bob, near.create(near.bob, video))
    const { id } = (await near.stored(video.id)) ?? { id: '' }
    const status = await clientOf(near.server).get(`/api/v1/statuses/${id}`, near.alice)
    expect(status).toMatchObject({
      url: page,
      spoiler_text: '',
      media_attachments: [
        { type: 'video', remote_url: `${page}-480.mp4`, preview_remote_url: `${page}.jpg` },
      ],
    })
    expect(status.content).toContain('<p><strong>A film</strong></p><p>About the sea</p>')
  })
})
