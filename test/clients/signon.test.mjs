// People who sign on elsewhere: tokens of an issuer on loopback, shown as keys by OpenAI's client.
import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { server } from './server.mjs';

const openai = await import('openai').catch(() => null);
const skip = openai ? false : 'the npm package openai is not installed: npm ci --prefix test/clients --ignore-scripts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(claims) {
    const said = `${base64url({ alg: 'RS256', typ: 'JWT', kid: 'one' })}.${base64url(claims)}`;
    return `${said}.${createSign('RSA-SHA256').update(said).sign(privateKey, 'base64url')}`;
}

describe('single sign-on', { skip }, () => {
    let issuer, address, house, tenant;

    const claims = (more) => ({
        iss: `${address}/`, aud: 'studio', sub: 'auth0|ann', tenant_id: tenant.tenant_id, role: 'editor', exp: Date.now() / 1000 + 60, ...more,
    });
    const models = (more) => new openai.OpenAI({ baseURL: `${house.address}/v1`, apiKey: token(claims(more)), maxRetries: 0 }).models.list();

    before(async () => {
        issuer = createServer((request, reply) => {
            const documents = {
                '/.well-known/openid-configuration': { issuer: `${address}/`, jwks_uri: `${address}/keys` },
                '/keys': { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] },
            };
            reply.end(JSON.stringify(documents[request.url]));
        });
        await new Promise((listens) => issuer.listen(0, '127.0.0.1', listens));
        address = `http://127.0.0.1:${issuer.address().port}`;
        house = await server({
            CYCLORAMA_JWT_ISSUER: `${address}/`, CYCLORAMA_JWT_AUDIENCE: 'studio', CYCLORAMA_JWT_OPEN: 'true', CYCLORAMA_USER_RATE: '30',
        });
        tenant = await house.tenantWhole({ name: 'Mugs', plan: 'pro' });
    });
    after(async () => {
        await house?.end();
        issuer?.close();
        issuer?.closeAllConnections();
    });

    test('a token is taken in place of a key', async () => {
        assert.ok((await models()).data.length > 0);
    });

    test('what is wrong with a token is 401 in the words of the door', async () => {
        for (const wrong of [{ exp: Date.now() / 1000 - 600 }, { aud: 'others' }, { iss: 'https://evil.example/' }]) {
            await assert.rejects(models(wrong), (error) => error instanceof openai.OpenAI.AuthenticationError && error.code === 'invalid_api_key');
        }
        await assert.rejects(models({ sub: 'bob', tenant_id: 'nobody' }), openai.OpenAI.PermissionDeniedError);
    });

    test('requests are counted by person', async () => {
        const many = await Promise.allSettled(Array.from({ length: 30 }, () => models({ sub: 'carl' })));
        assert.ok(many.some((one) => one.reason instanceof openai.OpenAI.RateLimitError));
        assert.ok((await models({ sub: 'dora' })).data.length > 0);
    });

    test('keys serve on while the issuer is down', async () => {
        issuer.close();
        issuer.closeAllConnections();
        assert.ok((await models({ sub: 'ellen' })).data.length > 0);
    });
});
