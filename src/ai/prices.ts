import type { AiConfig } from '#src/base/config.ts'
import type { ImageProvider, PaintRequest, PaintUsage, Quality } from './provider.ts'

/** Micro-USD per input token, per output token, and per picture. */
type Price = AiConfig['prices'][string]

/**
 * What a model without an entry in AI_PRICES is charged: about what the dearest image models cost. Too much
 * closes the till early, too little never.
 */
const defaultPrice: Price = { input: 10, output: 40, image: 0 }

// What a square megapixel took in output tokens when models still published it; the dear end where none is named.
const outputTokensPerMegapixel: Record<Quality, number> = {
  low: 300,
  medium: 1100,
  high: 4200,
  xhigh: 6300,
  max: 8400,
  auto: 4200,
}
const inputTokensPerReference = 1600
const charactersPerToken = 3

type Prices = AiConfig['prices']
type Priced = Pick<ImageProvider, 'isAi' | 'model'>

/**
 * What a painting cost, in whole micro-USD, rounded up. Pictures of a provider that reports no tokens are charged
 * as estimated; an operator's own price of 0 is believed, and what is no AI is free.
 */
export function costOf(prices: Prices, provider: Priced, request: PaintRequest, usage: PaintUsage): number {
  if (!provider.isAi) return 0
  const isReported = usage.inputTokens + usage.outputTokens > 0
  return total(priceOf(prices, provider.model), isReported ? usage : assumedUsage(request, usage.images))
}

/** What to reserve before a painting, in whole micro-USD. */
export function estimateCost(prices: Prices, provider: Priced, request: PaintRequest): number {
  if (!provider.isAi) return 0
  return total(priceOf(prices, provider.model), assumedUsage(request, request.count))
}

function priceOf(prices: Prices, model: string): Price {
  return (Object.hasOwn(prices, model) ? prices[model] : undefined) ?? defaultPrice
}

function assumedUsage(request: PaintRequest, images: number): PaintUsage {
  const references = (request.references?.length ?? 0) * inputTokensPerReference
  const megapixels = (request.size.width * request.size.height) / 2 ** 20
  const outputTokens = Math.ceil(megapixels * outputTokensPerMegapixel[request.quality ?? 'auto'])
  return {
    inputTokens: images * (Math.ceil(request.prompt.length / charactersPerToken) + references),
    outputTokens: images * outputTokens,
    inputImageTokens: images * references,
    images,
  }
}

function total(price: Price, usage: PaintUsage): number {
  const sum = usage.inputTokens * price.input + usage.outputTokens * price.output + usage.images * price.image
  // 0.1 × 3 must not become one more for its last binary digit.
  return Math.ceil(Number(sum.toFixed(6)))
}
