import type { Refusal, RefusalCode } from './provider.ts'

const messages: Record<RefusalCode, string> = {
  content_policy: 'The provider will not paint this prompt.',
  rate_limited: 'The provider is busy. Try again in a while.',
  quota: 'The provider account has no credit left.',
  timeout: 'The provider took too long.',
  bad_request: 'The provider cannot paint this request.',
  unavailable: 'The provider is not available.',
  auth: 'The provider does not accept this server’s key.',
}

/** A provider's answer that we will not use; its message is ours and may be shown. */
export class ProviderFault extends Error {
  readonly code: RefusalCode
  readonly detail: string | undefined

  constructor(code: RefusalCode, message: string, detail?: string) {
    super(message)
    this.name = 'ProviderFault'
    this.code = code
    this.detail = detail
  }
}

export function refuse(code: RefusalCode): Refusal {
  return { code, message: messages[code] }
}
