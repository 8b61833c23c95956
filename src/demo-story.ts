import type { App } from './app.ts'
import { createDemoPerson, type DemoPerson } from './demo-person.ts'

type Told = (line: string) => void

/** Two people on each of two servers, who follow, paint, post, like, answer, boost, quote, vote and remix across. */
export async function playStory(here: App, there: App, tell: Told): Promise<DemoPerson[]> {
  tell('Four people move in')
  const alice = await createDemoPerson(here, 'alice', 'owner')
  const ben = await createDemoPerson(here, 'ben', 'user')
  const chiara = await createDemoPerson(there, 'chiara', 'owner')
  const dmitri = await createDemoPerson(there, 'dmitri', 'user')
  const people = [alice, ben, chiara, dmitri]
  tell('They paint their portraits')
  await setProfiles({ alice, ben, chiara, dmitri })
  tell('They follow each other across the servers')
  for (const one of people) {
    for (const other of people) if (one !== other) await one.follow(other.handle)
  }
  tell('They post, like, answer, boost, quote, vote and remix')
  await talkAboutLighthouse(alice, chiara, dmitri)
  await talkAboutOrchard(chiara, ben, alice)
  await askAboutBrushes(ben, chiara, dmitri)
  return people
}

type Cast = { alice: DemoPerson; ben: DemoPerson; chiara: DemoPerson; dmitri: DemoPerson }

async function setProfiles({ alice, ben, chiara, dmitri }: Cast): Promise<void> {
  await alice.setProfile({
    name: 'Alice Winter',
    bio: 'Coasts, fog and the occasional lighthouse. I keep this server.',
    portrait: 'a woman by the sea, cool blues and a red scarf',
  })
  await ben.setProfile({
    name: 'Ben Achterberg',
    bio: 'Learns to see. Mostly bicycles.',
    portrait: 'a bicycle against a yellow wall',
  })
  await chiara.setProfile({
    name: 'Chiara Lodi',
    bio: 'Orchards, kitchens, slow light. Keeper of the other server.',
    portrait: 'lemons on a green table in the sun',
  })
  await dmitri.setProfile({
    name: 'Dmitri',
    bio: 'Night trains and the people in them.',
    portrait: 'a night train under stars, violet and orange',
  })
}

async function talkAboutLighthouse(alice: DemoPerson, chiara: DemoPerson, dmitri: DemoPerson): Promise<void> {
  const lighthouse = await alice.post('First light at the point, before the boats went out. #lighthouse', {
    prompt: 'a lighthouse at dawn over a calm sea',
    alt: 'A lighthouse on a low cliff; behind it a pale dawn over calm water.',
    aspect: 'landscape',
    remixPolicy: 'anyone',
  })
  await chiara.like(lighthouse)
  await dmitri.like(lighthouse)
  await dmitri.boost(lighthouse)
  const question = await chiara.reply(
    lighthouse,
    `${alice.handle} That pale band above the water! Did you wait long for it?`,
  )
  await alice.reply(question, `${chiara.handle} An hour, and two cups of coffee.`)
  await dmitri.remix(lighthouse, 'The same point, eleven hours later.', {
    prompt: 'a lighthouse at night, its beam over a calm sea',
    alt: 'A lighthouse at night; its beam crosses calm water under a few stars.',
    aspect: 'landscape',
  })
}

async function askAboutBrushes(ben: DemoPerson, chiara: DemoPerson, dmitri: DemoPerson): Promise<void> {
  const poll = await ben.ask('Does anyone else name their brushes? Mine is called Horatio. #painting', [
    'Of course',
    'Only the good ones',
    'You are alone in this',
  ])
  await chiara.vote(poll, 1)
  await dmitri.vote(poll, 0)
}

async function talkAboutOrchard(chiara: DemoPerson, ben: DemoPerson, alice: DemoPerson): Promise<void> {
  const orchard = await chiara.post('The last apples. The wasps have had the rest. #orchard', {
    prompt: 'an orchard in autumn, red apples in the grass',
    alt: 'Rows of apple trees in autumn, red apples lying in the grass.',
    aspect: 'portrait',
  })
  await ben.like(orchard)
  await alice.boost(orchard)
  await ben.reply(orchard, `${chiara.handle} I can smell this one.`)
  await alice.react(orchard, '🍎')
  await ben.quote(orchard, 'This is what I mean when I say slow light.')
}
