import { AppError } from '#src/base/errors.ts'

// OWASP's second choice for argon2id: 19 MiB, two passes.
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

// Of random bytes nobody kept: verified when there is no such person, so that both answers take as long.
const nobodysHash =
  '$argon2id$v=19$m=19456,t=2,p=1$nqkg/rEZeBhgg7/mIkNweQ$mG4JyYW98dGI10lVIO4+MLtINDukKicL8t3P9MyMwik'

// A native library, which an idle server does without.
const loadArgon2 = () => import('@node-rs/argon2')

const shortest = 8
const longest = 256

/** @throws AppError invalid when it is too short or too long */
export function checkPassword(password: string): void {
  if (password.length < shortest) {
    throw new AppError(
      'invalid',
      `Validation failed: Password is too short (minimum is ${shortest} characters)`,
      {
        code: 'password',
      },
    )
  }
  if (password.length > longest) {
    throw new AppError(
      'invalid',
      `Validation failed: Password is too long (maximum is ${longest} characters)`,
      {
        code: 'password',
      },
    )
  }
}

/** @throws AppError invalid when it is too short or too long */
export async function hashPassword(password: string): Promise<string> {
  checkPassword(password)
  const { hash } = await loadArgon2()
  return hash(password, options)
}

/** Takes as long for an unknown person (an undefined hash) as for a known one. */
export async function isPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  if (password.length > longest) return false
  const { verify } = await loadArgon2()
  const isRight = await verify(passwordHash ?? nobodysHash, password)
  return isRight && passwordHash !== undefined
}
