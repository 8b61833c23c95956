import { expect, test } from 'vitest'
import { costOf, estimateCost } from '#src/ai/prices.ts'
import { noUsage } from '#src/ai/provider.ts'
import { paintRequest } from '#tests/support/painting.ts'

const painter = { isAi: true, model: 'painter-1' }
const usage = { inputTokens: 50, outputTokens: 4160, inputImageTokens: 10, images: 1 }
const large = { ...paintRequest, size: { width: 1024, height: 1024 } }

test('a cost is tokens times price', () => {
  const prices = { 'painter-1': { input: 5, output: 40, image: 0 } }
  expect(costOf(prices, painter, large, usage)).toBe(50 * 5 + 4160 * 40)
})

test('a price per picture is added', () => {
  const prices = { 'painter-1': { input: 0, output: 0, image: 3000 } }
  expect(costOf(prices, painter, large, { ...noUsage, images: 2 })).toBe(6000)
})

test('fractions are rounded up, once', () => {
  const prices = { 'painter-1': { input: 0.1, output: 0, image: 0 } }
  expect(costOf(prices, painter, large, { ...usage, inputTokens: 3, outputTokens: 0 })).toBe(1)
  expect(costOf(prices, painter, large, { ...usage, inputTokens: 30, outputTokens: 0 })).toBe(3)
})

test('a model without a price is never free', () => {
  for (const model of ['painter-1', 'constructor', '__proto__']) {
    expect(costOf({}, { isAi: true, model }, large, usage)).toBe(50 * 10 + 4160 * 40)
    expect(costOf({}, { isAi: true, model }, large, { ...noUsage, images: 1 })).toBeGreaterThan(100_000)
  }
})

test('a provider that reports no tokens is charged as estimated', () => {
  const prices = { 'painter-1': { input: 5, output: 40, image: 0 } }
  const cost = costOf(prices, painter, large, { ...noUsage, images: 1 })
  expect(cost).toBe(estimateCost(prices, painter, large))
  expect(cost).toBeGreaterThan(4000 * 40)
})

test('nothing painted costs nothing, nor does a sketch', () => {
  expect(costOf({}, painter, large, noUsage)).toBe(0)
  expect(costOf({}, { isAi: false, model: 'sketch-1' }, large, { ...noUsage, images: 4 })).toBe(0)
  expect(estimateCost({}, { isAi: false, model: 'sketch-1' }, large)).toBe(0)
})

test('an estimate grows with count, size, quality and references', () => {
  const base = estimateCost({}, painter, { ...large, quality: 'low' })
  expect(base).toBeGreaterThan(0)
  expect(estimateCost({}, painter, { ...large, quality: 'low', count: 4 })).toBe(base * 4)
  expect(estimateCost({}, painter, { ...large, quality: 'high' })).toBeGreaterThan(base)
  expect(
    estimateCost({}, painter, { ...large, quality: 'low', references: [new Uint8Array(1)] }),
  ).toBeGreaterThan(base)
  expect(
    estimateCost({}, painter, { ...large, quality: 'low', size: { width: 2048, height: 2048 } }),
  ).toBeGreaterThan(base)
})
