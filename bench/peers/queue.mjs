// The queues of others, measured as bench/queue.c measures ours: queue.mjs bullmq PORT COUNT | pgboss URL COUNT. One line of JSON.
const [which, where, countText] = process.argv.slice(2)
const count = Number(countText)
const payload = { kind: 'generate', photo: 'b3f1c2a8d2e9', pad: 'x'.repeat(440) }
const PICKUPS = 300
const said = {}

const rest = ms => new Promise(done => setTimeout(done, ms))
const each = (times, at_once, work) => {
  let number = 0
  return Promise.all(Array.from({ length: at_once }, async () => {
    while (number++ < times) await work()
  }))
}
const rate = async (name, jobs, work) => {
  const began = performance.now()
  await work()
  said[name] = Math.round(jobs / (performance.now() - began) * 1000)
}
const part = (times, share) => times.sort((a, b) => a - b)[Math.floor((times.length - 1) * share)]

async function bullmq() {
  const { Queue, Worker } = await import('bullmq')
  const { default: Redis } = await import('ioredis')
  const connection = new Redis({ host: '127.0.0.1', port: Number(where), maxRetriesPerRequest: null })
  const queue = new Queue('bench', { connection, defaultJobOptions: { removeOnComplete: true, attempts: 5 } })
  await queue.waitUntilReady()
  await rate('enqueue_1', count / 2, () => each(count / 2, 1, () => queue.add('job', payload)))
  await rate('enqueue_8', count, () => each(count, 8, () => queue.add('job', payload)))
  await rate('enqueue_bulk', count, async () => {
    for (let i = 0; i < count; i += 100) await queue.addBulk(Array.from({ length: 100 }, () => ({ name: 'job', data: payload })))
  })

  const all = count / 2 + count * 2
  let worked = 0, worker
  await rate('work_8', all, () => new Promise(done => {
    worker = new Worker('bench', async () => {}, { connection, concurrency: 8 })
    worker.on('completed', () => { if (++worked === all) done() })
  }))
  await worker.close()

  const times = []
  let sent, begun
  worker = new Worker('bench', async () => { times.push(performance.now() - sent); begun() }, { connection, concurrency: 8 })
  await worker.waitUntilReady()
  await rest(300)
  for (let i = 0; i < PICKUPS; i++) {
    await rest(5)
    const done = new Promise(resolve => { begun = resolve })
    sent = performance.now()
    await queue.add('job', payload)
    await done
  }
  said.pickup_p50_ms = part(times, 0.5)
  said.pickup_p99_ms = part(times, 0.99)
  await worker.close()
  await queue.close()
}

async function pgboss() {
  const { default: PgBoss } = await import('pg-boss')
  const boss = new PgBoss({ connectionString: where, max: 12 })
  boss.on('error', error => console.error(error))
  await boss.start()
  await boss.createQueue('bench')
  await rate('enqueue_1', count / 2, () => each(count / 2, 1, () => boss.send('bench', payload)))
  await rate('enqueue_8', count, () => each(count, 8, () => boss.send('bench', payload)))
  await rate('enqueue_bulk', count, async () => {
    for (let i = 0; i < count; i += 100) await boss.insert(Array.from({ length: 100 }, () => ({ name: 'bench', data: payload })))
  })

  // Its own workers look every half second, so they are not measured; these take one job at a time, as fast as they can.
  await rate('work_8', count, () => each(count, 8, async () => {
    const [job] = await boss.fetch('bench')
    await boss.complete('bench', job.id)
  }))
  await rate('work_batch', count + count / 2, () => Promise.all(Array.from({ length: 4 }, async () => {
    for (;;) {
      const jobs = await boss.fetch('bench', { batchSize: 20 })
      if (jobs.length === 0) break
      await boss.complete('bench', jobs.map(job => job.id))
    }
  })))
  await boss.stop({ graceful: false })
}

await (which === 'bullmq' ? bullmq() : pgboss())
console.log(JSON.stringify(said))
process.exit(0)
