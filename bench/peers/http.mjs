// The quota of a tenant, answered by Fastify as Cyclorama answers it: http.mjs PORT KEYS.json. Two processes; the rows are in memory.
import cluster from 'node:cluster'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const [port, file] = process.argv.slice(2)
const A_MINUTE = 6000, BURST = 2000

if (cluster.isPrimary) {
  cluster.fork()
  cluster.fork()
  process.on('SIGTERM', () => { for (const worker of Object.values(cluster.workers)) worker.kill(); process.exit(0) })
} else {
  const { default: Fastify } = await import('fastify')
  const tenants = new Map(JSON.parse(readFileSync(file, 'utf8')).map(row => [row.hash, row]))
  const buckets = new Map()
  const take = id => {
    const now = performance.now()
    const last = buckets.get(id) ?? { level: BURST, at: now }
    const level = Math.min(BURST, last.level + (now - last.at) * A_MINUTE / 60000)
    if (level < 1) return -1
    buckets.set(id, { level: level - 1, at: now })
    return Math.floor(level - 1)
  }
  const schema = {
    response: {
      200: {
        type: 'object',
        properties: {
          quota: { type: ['integer', 'null'] }, used: { type: 'integer' }, remaining: { type: ['integer', 'null'] },
          reset_date: { type: 'string' },
        },
      },
    },
  }
  const app = Fastify()
  app.get('/v1/quota', { schema }, async (request, reply) => {
    const key = request.headers['x-api-key']
    const tenant = key && tenants.get(createHash('sha256').update(key).digest('hex'))
    if (!tenant) return reply.code(401).send()
    const left = take(tenant.tenant)
    if (left < 0) return reply.code(429).send()
    reply.header('X-RateLimit-Limit', BURST).header('X-RateLimit-Remaining', left)
    const quota = tenant.quota < 0 ? null : tenant.quota
    return { quota, used: tenant.used, remaining: quota === null ? null : quota - tenant.used, reset_date: tenant.reset }
  })
  await app.listen({ port: Number(port), host: '127.0.0.1' })
}
