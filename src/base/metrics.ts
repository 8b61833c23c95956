import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15]
const jobBuckets = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300]
const eventLoopResolutionMs = 100

/** What this server counts. Labels take a bounded set of values: patterns, names and outcomes, never addresses. */
export type Metrics = {
  /** @param route the pattern, such as `/api/v1/statuses/:id` */
  countRequest(request: { method: string; route: string; status: number; seconds: number }): void
  countJob(job: { name: string; outcome: 'done' | 'retried' | 'buried'; seconds: number }): void
  setJobs(counts: { waiting: number; running: number; dead: number }): void
  countDelivery(outcome: 'delivered' | 'retried' | 'failed'): void
  /** @param type the activity's type if we know it, else `other`; @param outcome one of a few, see federation/inbox */
  countInboxActivity(type: string, outcome: string): void
  /** @param by what answered a post to an inbox: the guard refused it, the door took it, or Fedify judged */
  countInboxPost(by: 'guard' | 'door' | 'fedify'): void
  countGeneration(provider: string, outcome: 'completed' | 'failed' | 'cancelled'): void
  /** Everything in Prometheus' text format. */
  text(): Promise<string>
  readonly contentType: string
  close(): void
}

/** Metrics of one server, in a registry of its own: two servers can live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const stopProcess = registerProcess(registry)
  const federation = federationMetrics(registry)
  return {
    ...requestMetrics(registry),
    ...jobMetrics(registry),
    ...federation,
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close() {
      stopProcess()
      registry.clear()
    },
  }
}

function requestMetrics(registry: Registry): Pick<Metrics, 'countRequest'> {
  const durations = new Histogram({
    name: 'pinxit_http_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: requestBuckets,
    registers: [registry],
  })
  return {
    countRequest: ({ method, route, status, seconds }) =>
      durations.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds),
  }
}

function jobMetrics(registry: Registry): Pick<Metrics, 'countJob' | 'setJobs'> {
  const registers = [registry]
  const durations = new Histogram({
    name: 'pinxit_job_seconds',
    help: 'Time to handle a job',
    labelNames: ['name', 'outcome'],
    buckets: jobBuckets,
    registers,
  })
  const held = new Gauge({ name: 'pinxit_jobs', help: 'Jobs held', labelNames: ['state'], registers })
  return {
    countJob: ({ name, outcome, seconds }) => durations.observe({ name, outcome }, seconds),
    setJobs(counts) {
      for (const [state, count] of Object.entries(counts)) held.set({ state }, count)
    },
  }
}

function federationMetrics(
  registry: Registry,
): Pick<Metrics, 'countDelivery' | 'countInboxActivity' | 'countInboxPost' | 'countGeneration'> {
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [registry] })
  const deliveries = counter('pinxit_deliveries_total', 'Activities sent to an inbox', ['outcome'])
  const inbox = counter('pinxit_inbox_activities_total', 'Activities that came in', ['type', 'outcome'])
  const inboxPosts = counter('pinxit_inbox_posts_total', 'Posts to an inbox, by what answered', ['by'])
  const generations = counter('pinxit_generations_total', 'Runs of an image model', ['provider', 'outcome'])
  return {
    countDelivery: (outcome) => deliveries.inc({ outcome }),
    countInboxActivity: (type, outcome) => inbox.inc({ type, outcome }),
    countInboxPost: (by) => inboxPosts.inc({ by }),
    countGeneration: (provider, outcome) => generations.inc({ provider, outcome }),
  }
}

/** Memory, CPU and event-loop lag, read when asked for. Answers what stops the measuring. */
function registerProcess(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: eventLoopResolutionMs })
  delay.enable()
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  gauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss())
  gauge('nodejs_heap_used_bytes', 'JavaScript heap in use', () => process.memoryUsage().heapUsed)
  gauge('process_uptime_seconds', 'Since the process started', () => process.uptime())
  gauge('process_cpu_seconds', 'User and system time so far', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  gauge('nodejs_eventloop_lag_p99_seconds', 'Event-loop lag since the last reading', () => {
    const lagMs = Math.max(0, delay.percentile(99) / 1e6 - eventLoopResolutionMs)
    delay.reset()
    return lagMs / 1000
  })
  return () => {
    delay.disable()
  }
}
