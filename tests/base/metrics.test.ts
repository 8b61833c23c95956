import { afterEach, expect, it } from 'vitest'
import { createMetrics, type Metrics } from '#src/base/metrics.ts'

const opened: Metrics[] = []
afterEach(() => {
  for (const metrics of opened.splice(0)) metrics.close()
})

function metricsOf(): Metrics {
  const metrics = createMetrics()
  opened.push(metrics)
  return metrics
}

it('counts what happens, in Prometheus text', async () => {
  const metrics = metricsOf()
  metrics.countRequest({ method: 'GET', route: '/livez', status: 204, seconds: 0.002 })
  metrics.countJob({ name: 'deliver', outcome: 'retried', seconds: 1 })
  metrics.setJobs({ waiting: 5, running: 1, dead: 2 })
  metrics.countDelivery('delivered')
  metrics.countInboxActivity('Like', 'accepted')
  metrics.countGeneration('sketch', 'completed')
  const text = await metrics.text()
  expect(metrics.contentType).toContain('text/plain')
  expect(text).toContain('pinxit_http_request_seconds_count{method="GET",route="/livez",status="2xx"} 1')
  expect(text).toContain('pinxit_job_seconds_count{name="deliver",outcome="retried"} 1')
  expect(text).toContain('pinxit_jobs{state="waiting"} 5')
  expect(text).toContain('pinxit_deliveries_total{outcome="delivered"} 1')
  expect(text).toContain('pinxit_inbox_activities_total{type="Like",outcome="accepted"} 1')
  expect(text).toContain('pinxit_generations_total{provider="sketch",outcome="completed"} 1')
  expect(text).toMatch(/process_resident_memory_bytes \d{7,}/)
  expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds \d/)
})

it('keeps two servers of one process apart', async () => {
  const one = metricsOf()
  const other = metricsOf()
  one.countDelivery('failed')
  expect(await one.text()).toContain('pinxit_deliveries_total{outcome="failed"} 1')
  expect(await other.text()).not.toContain('outcome="failed"')
})
