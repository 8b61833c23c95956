import type { App } from '#src/app.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { PermanentFailure } from '#src/jobs/failures.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { addressOfLink } from './links.ts'
import { writeLetter } from './write.ts'

// An idle server does without it, and one without mail for good.
const loadNodemailer = () => import('nodemailer')

const patienceMs = 30_000

type Post = Pick<App, 'db' | 'config' | 'secretKey' | 'publicUrl' | 'handleHost'>

/**
 * Writes a letter and gives it to the mail server. Not sent when its link leads nowhere any more.
 * @throws PermanentFailure when the server refuses it for good (5xx), any other error when it may be taken later
 */
export async function sendLetter(
  app: Post,
  payload: JobPayload<'sendLetter'>,
  job: Pick<RunningJob, 'id'>,
): Promise<void> {
  const { smtpUrl } = app.config
  if (!smtpUrl) throw new PermanentFailure('There is no SMTP_URL any more')
  const link = payload.linkId === undefined ? undefined : await addressOfLink(app, payload.linkId)
  if (payload.linkId !== undefined && !link) return
  const { createTransport } = await loadNodemailer()
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({
      from: app.config.mailFrom ?? `Pinxit <noreply@${hostOf(app)}>`,
      to: { name: '', address: payload.to },
      // A job may run twice; mail programs take two letters of one id for one.
      messageId: `<letter-${job.id}@${hostOf(app)}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...writeLetter(app, { ...payload, link }),
    })
  } catch (error) {
    throw isForGood(error) ? new PermanentFailure(wordsOf(error)) : new Error(wordsOf(error))
  } finally {
    transport.close()
  }
}

function hostOf({ publicUrl }: Post): string {
  return new URL(publicUrl).hostname
}

// What the mail server refuses about the letter is for good; that it does not know our password the operator can mend.
function isForGood(error: unknown): boolean {
  const code = property(error, 'responseCode')
  return typeof code === 'number' && code >= 500 && property(error, 'code') !== 'EAUTH'
}

// The error itself carries the envelope and, after a failed sign-in, what was said; its message is the server's answer.
function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function property(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
}
