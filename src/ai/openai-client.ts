import OpenAI from 'openai'
import { createCappedFetch } from './capped-fetch.ts'

/**
 * A client that never retries (each try may be billed), never logs (bodies hold prompts), and takes nothing from
 * the environment. Local servers without a key get the key `none`: the constructor throws without one.
 */
export function createOpenAiClient(options: {
  apiKey: string | undefined
  baseUrl: string
  maxAnswerBytes?: number
}): OpenAI {
  return new OpenAI({
    apiKey: options.apiKey || 'none',
    baseURL: options.baseUrl,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    logLevel: 'off',
    fetch: createCappedFetch(options.maxAnswerBytes),
  })
}
