import { createApplication } from '#src/auth/applications.ts'
import { grantToApplication } from '#src/auth/grants.ts'
import { bearing, type Scene } from './scene.ts'

/** How an app signs somebody up. */
export async function signingUp({ server: { app } }: Scene, username: string) {
  const { application } = await createApplication(app, {
    name: 'Elk',
    website: null,
    redirectUris: ['https://elk.example/'],
    scopes: ['read', 'write'],
  })
  const { token } = await grantToApplication(app, application, ['write:accounts'])
  const person = { username, email: `${username}@mail.example`, password: 'a long enough password' }
  return { ...bearing(token), json: { ...person, agreement: true, locale: 'en' } }
}
