// A 'cyclorama serve' of its own on loopback, with a tenant and its key, and the vendors' stand-in; both end with the test that began them.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const build = new URL('../../build/', import.meta.url).pathname;
const adminKey = 'a-key-for-tests-0123456789';

/** Start PROGRAM, and wait for the address that it prints. */
async function start(program, words, environment) {
    const child = spawn(join(build, program), words, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    for await (const line of lines) {
        const address = line.match(/http:\/\/127\.0\.0\.1:\d+/);
        if (address) return { address: address[0], child };
    }
    throw new Error(`${program} ended before it listened`);
}

function end(child) {
    return new Promise((done) => {
        child.once('exit', done);
        child.kill('SIGTERM');
    });
}

/** The stand-in for all vendors; a picture takes LATENCY_MS. */
export async function standIn(latencyMs = 0) {
    const { address, child } = await start('test/vendor_stand_in', ['0', String(latencyMs)], { PATH: process.env.PATH });
    return { address, end: () => end(child) };
}

/** A server with SETTINGS, and a key of a tenant with PLAN. */
export async function server(settings = {}, plan = 'pro') {
    const data = mkdtempSync(join(tmpdir(), 'cyclorama-clients-'));
    const environment = {
        PATH: process.env.PATH,
        HOME: data,
        CYCLORAMA_DATA: data,
        CYCLORAMA_MODELS: process.env.CYCLORAMA_MODELS ?? join(data, 'models'),
        CYCLORAMA_ADMIN_KEY: adminKey,
        CYCLORAMA_LISTEN: '127.0.0.1:0',
        ...settings,
    };
    const { address, child } = await start('cyclorama', ['serve'], environment);

    async function tenantWhole(wish) {
        const reply = await fetch(`${address}/v1/tenants`, {
            method: 'POST',
            headers: { 'X-API-Key': adminKey, 'Content-Type': 'application/json' },
            body: JSON.stringify(wish),
        });
        if (reply.status !== 201) throw new Error(`a tenant: ${reply.status} ${await reply.text()}`);
        return reply.json();
    }

    const tenant = async (wish) => (await tenantWhole(wish)).api_key;

    return {
        address,
        key: await tenant({ name: 'Mugs', plan }),
        tenant,
        tenantWhole,
        end: async () => {
            await end(child);
            rmSync(data, { recursive: true, force: true });
        },
    };
}
