import { availableParallelism } from 'node:os'
import { z } from 'zod'

/** Every fault of the environment at once, in words an operator can act on. */
export class ConfigError extends Error {
  readonly faults: string[]

  constructor(faults: string[]) {
    super(
      `The environment has ${faults.length === 1 ? 'a fault' : 'faults'}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    )
    this.name = 'ConfigError'
    this.faults = faults
  }
}

const wholeNumber = (what: string, least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `${what} is a whole number`)
    .transform(Number)
    .refine((n) => n >= least && n <= most, `${what} lies between ${least} and ${most}`)

const httpUrl = z.url({ protocol: /^https?$/, error: 'an http or https address is expected' })

/** Micro-USD per token, which is USD per million tokens; `image` per picture. */
const price = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  image: z.number().nonnegative().default(0),
})

const prices = z.string().transform((text, issue): Record<string, z.infer<typeof price>> => {
  try {
    return z.record(z.string(), price).parse(JSON.parse(text))
  } catch {
    issue.addIssue('a JSON object is expected: { "model": { "input": 5, "output": 40, "image": 0 } }')
    return z.NEVER
  }
})

const publicUrl = httpUrl
  .refine(
    (url) => new URL(url).pathname === '/' && !new URL(url).search,
    'an origin without a path is expected',
  )
  .transform((url) => new URL(url).origin)

/** The whole environment Pinxit reads. `.env.example` is tested against it. */
export const environmentSchema = z.object({
  PORT: wholeNumber('PORT', 0, 65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: publicUrl.optional(),
  HANDLE_HOST: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?$/i, 'a domain is expected')
    .toLowerCase()
    .optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'a postgres:// address is expected')
    .optional(),
  DATA_DIR: z.string().default('./data'),
  SECRET_KEY: z.string().min(32, 'at least 32 characters are needed').optional(),
  ROLE: z.enum(['all', 'web', 'worker'], 'all, web or worker').optional(),
  REGISTRATIONS: z
    .enum(['closed', 'invite', 'approval', 'open'], 'closed, invite, approval or open')
    .default('closed'),
  ALLOW_PRIVATE_ADDRESSES: z.enum(['0', '1'], '0 or 1').default('0'),
  TRUST_PROXY: wholeNumber('TRUST_PROXY', 0, 10).default(0),
  S3_ENDPOINT: httpUrl.optional(),
  S3_BUCKET: z.string().optional(),
  S3_REGION: z.string().optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  MEDIA_URL: httpUrl.transform((url) => url.replace(/\/+$/, '')).optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'an smtp:// or smtps:// address is expected')
    .optional(),
  MAIL_FROM: z.string().optional(),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warning', 'error', 'fatal'],
      'trace, debug, info, warning, error or fatal',
    )
    .default('info'),
  METRICS_TOKEN: z.string().min(16, 'at least 16 characters are needed').optional(),
  AI_PROVIDER: z.enum(['openai', 'compat', 'sketch', 'none'], 'openai, compat, sketch or none').optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: httpUrl.optional(),
  AI_IMAGE_MODEL: z.string().optional(),
  AI_TEXT_MODEL: z.string().optional(),
  AI_MODERATION_MODEL: z.string().optional(),
  AI_PRICES: prices.optional(),
  ASSISTANT_USERNAME: z
    .string()
    .regex(/^[a-z0-9_]{1,30}$/i, 'letters, digits and _ are allowed, 30 at most')
    .default('assistant'),
})

const isOn = z
  .enum(['0', '1'], '0 or 1')
  .default('1')
  .transform((value) => value === '1')

/**
 * Turns off what does the common case of Fedify's work in its place, one by one: to find out whether a fault lies there.
 * Of use to who looks into the code, so `.env.example` does not name them.
 */
export const fastPathSchema = z.object({
  FAST_INBOX: isOn,
  FAST_EXPANSION: isOn,
  FAST_DELIVERY: isOn,
  FAST_DOCUMENTS: isOn,
})

/** Stands for the machine's own number, to see on a small machine what a large one does. Not in `.env.example` either. */
export const machineSchema = z.object({ CORES: wholeNumber('CORES', 1, 4_096).optional() })

type Environment = z.infer<typeof environmentSchema>
export type ProviderName = 'openai' | 'compat' | 'sketch' | 'none'

export type Config = {
  port: number
  host: string
  /** Origin without a trailing slash. Undefined until the port is known when it is left to the system (PORT=0). */
  publicUrl: string | undefined
  handleHost: string | undefined
  databaseUrl: string | undefined
  dataDir: string
  secretKey: string | undefined
  /** What this process does. Undefined: all of it, in as many processes as the cores suggest; src/main.ts decides. */
  role: 'all' | 'web' | 'worker' | undefined
  /** Of the machine, as far as we may use them. */
  cores: number
  registrations: Environment['REGISTRATIONS']
  allowPrivateAddresses: boolean
  trustProxy: number
  s3:
    | { endpoint: string; bucket: string; region: string; accessKeyId: string; secretAccessKey: string }
    | undefined
  /** Without a trailing slash. */
  mediaUrl: string | undefined
  smtpUrl: string | undefined
  mailFrom: string | undefined
  logLevel: Environment['LOG_LEVEL']
  metricsToken: string | undefined
  ai: AiConfig
  assistantUsername: string
  fastPath: FastPath
}

/** Which pieces stand in front of Fedify: all, but in tests and for a look into a fault. */
export type FastPath = { inbox: boolean; expansion: boolean; delivery: boolean; documents: boolean }

export type AiConfig = {
  provider: ProviderName
  apiKey: string | undefined
  baseUrl: string | undefined
  imageModel: string | undefined
  textModel: string | undefined
  moderationModel: string | undefined
  prices: Record<string, { input: number; output: number; image: number }>
}

/**
 * Reads the environment once and reports every fault together.
 * An empty variable counts as unset, as in a copied `.env.example`.
 * @throws ConfigError
 */
export function parseConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()))
  const parsed = environmentSchema.and(fastPathSchema).and(machineSchema).safeParse(given)
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  }
  const env = parsed.data
  const publicUrl = env.PUBLIC_URL ?? (env.PORT === 0 ? undefined : `http://localhost:${env.PORT}`)
  return {
    port: env.PORT,
    host: env.HOST,
    publicUrl,
    handleHost: env.HANDLE_HOST,
    databaseUrl: env.DATABASE_URL,
    dataDir: env.DATA_DIR,
    secretKey: env.SECRET_KEY,
    role: env.ROLE,
    cores: env.CORES ?? availableParallelism(),
    registrations: env.REGISTRATIONS,
    allowPrivateAddresses: env.ALLOW_PRIVATE_ADDRESSES === '1',
    trustProxy: env.TRUST_PROXY,
    s3: s3From(env),
    mediaUrl: env.MEDIA_URL,
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    logLevel: env.LOG_LEVEL,
    metricsToken: env.METRICS_TOKEN,
    ai: aiFrom(env, publicUrl),
    assistantUsername: env.ASSISTANT_USERNAME,
    fastPath: {
      inbox: env.FAST_INBOX,
      expansion: env.FAST_EXPANSION,
      delivery: env.FAST_DELIVERY,
      documents: env.FAST_DOCUMENTS,
    },
  }
}

function s3From(env: Environment): Config['s3'] {
  const parts = {
    S3_ENDPOINT: env.S3_ENDPOINT,
    S3_BUCKET: env.S3_BUCKET,
    S3_ACCESS_KEY_ID: env.S3_ACCESS_KEY_ID,
    S3_SECRET_ACCESS_KEY: env.S3_SECRET_ACCESS_KEY,
  }
  const missing = Object.entries(parts).filter(([, value]) => !value)
  if (missing.length === Object.keys(parts).length) return undefined
  if (missing.length > 0) {
    throw new ConfigError(missing.map(([name]) => `${name}: needed when the other S3_ variables are set`))
  }
  return {
    endpoint: env.S3_ENDPOINT ?? '',
    bucket: env.S3_BUCKET ?? '',
    region: env.S3_REGION ?? 'us-east-1',
    accessKeyId: env.S3_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? '',
  }
}

function aiFrom(env: Environment, publicUrl: string | undefined): AiConfig {
  return {
    provider: env.AI_PROVIDER ?? defaultProvider(env, publicUrl),
    apiKey: env.OPENAI_API_KEY,
    baseUrl: env.OPENAI_BASE_URL,
    imageModel: env.AI_IMAGE_MODEL,
    textModel: env.AI_TEXT_MODEL,
    moderationModel: env.AI_MODERATION_MODEL,
    prices: env.AI_PRICES ?? {},
  }
}

// Sketches are for trying Pinxit out: on a public address the operator has to ask for them.
function defaultProvider(env: Environment, publicUrl: string | undefined): ProviderName {
  if (env.OPENAI_API_KEY) return 'openai'
  return publicUrl === undefined || isLoopbackUrl(publicUrl) ? 'sketch' : 'none'
}

function isLoopbackUrl(url: string): boolean {
  const host = new URL(url).hostname
  return host === 'localhost' || host.endsWith('.localhost') || /^127\./.test(host) || host === '[::1]'
}
