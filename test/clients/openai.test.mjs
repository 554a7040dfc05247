// The official client of OpenAI, unchanged, against our server: with a vendor behind it (its stand-in), and with the built-in studio alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { png, readPng } from './pictures.mjs';
import { server, standIn } from './server.mjs';

const openai = await import('openai').catch(() => null);
const skip = openai ? false : 'the npm package openai is not installed: npm ci --prefix test/clients --ignore-scripts';
const OpenAI = openai?.OpenAI;

const red = png(256, 256, () => [200, 30, 30, 255]);
const plant = png(256, 256, (x, y) => (Math.hypot(x - 128, y - 128) < 70 ? [40, 120, 60, 255] : [240, 240, 240, 0]));
const hole = png(256, 256, (x) => [0, 0, 0, x < 128 ? 255 : 0]);

const file = (bytes, name) => openai.toFile(bytes, name, { type: 'image/png' });
const bytesOf = (image) => Buffer.from(image.b64_json, 'base64');

/** What fails with the class KIND; its error. */
async function failed(promise, kind) {
    try {
        await promise;
    } catch (error) {
        assert.ok(error instanceof kind, `${error?.constructor?.name}: ${error}`);
        return error;
    }
    return assert.fail('it did not fail');
}

describe('with a vendor', { skip }, () => {
    let house, vendor, client;

    before(async () => {
        vendor = await standIn();
        house = await server({
            IMAGE_GEN_PROVIDER: 'openai',
            OPENAI_API_KEY: 'sk-test',
            OPENAI_BASE_URL: `${vendor.address}/openai/v1`,
        });
        client = new OpenAI({ baseURL: `${house.address}/v1`, apiKey: house.key });
    });
    after(async () => {
        await house?.end();
        await vendor?.end();
    });

    test('generates', async () => {
        const { data, response, request_id } = await client.images
            .generate({ model: 'gpt-image-1', prompt: 'a red cup', n: 2, size: '1024x1024', quality: 'low', user: 'u-1' })
            .withResponse();
        assert.equal(data.data.length, 2);
        assert.equal(readPng(bytesOf(data.data[1])).width, 1024);
        assert.equal(data.quality, 'low');
        assert.equal(data.size, '1024x1024');
        assert.equal(data.output_format, 'png');
        assert.equal(data.usage.total_tokens, data.usage.input_tokens + data.usage.output_tokens);
        assert.ok(data.usage.input_tokens_details.text_tokens > 0);
        assert.ok(Math.abs(data.created - Date.now() / 1000) < 600);
        assert.match(request_id, /^req_/);
        for (const name of ['openai-processing-ms', 'x-ratelimit-limit-requests', 'x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'])
            assert.ok(response.headers.get(name), name);
    });

    test('gives addresses to those who ask for them', async () => {
        const made = await client.images.generate({ model: 'dall-e-3', prompt: 'a cup', style: 'natural', quality: 'hd' });
        assert.equal(made.data[0].b64_json, undefined);
        const picture = Buffer.from(await (await fetch(made.data[0].url)).arrayBuffer());
        assert.equal(readPng(picture).width, 1024);
    });

    test('streams partial pictures', async () => {
        const stream = await client.images.generate({ model: 'gpt-image-1', prompt: 'a cup', stream: true, partial_images: 2 });
        const events = [];
        for await (const event of stream) events.push(event);
        const partials = events.filter((event) => event.type === 'image_generation.partial_image');
        assert.deepEqual(partials.map((event) => event.partial_image_index), [0, 1]);
        const last = events.at(-1);
        assert.equal(last.type, 'image_generation.completed');
        assert.ok(last.usage.total_tokens > 0);
        for (const event of events) {
            assert.ok(readPng(bytesOf(event)).width > 0);
            for (const name of ['created_at', 'size', 'quality', 'background', 'output_format']) assert.ok(event[name], name);
        }
    });

    test('edits what the mask leaves free, and nothing else', async () => {
        const edited = await client.images.edit({
            model: 'gpt-image-1',
            image: [await file(red, 'red.png'), await file(plant, 'plant.png')],
            mask: await file(hole, 'mask.png'),
            prompt: 'a window',
            input_fidelity: 'high',
        });
        const picture = readPng(bytesOf(edited.data[0]));
        assert.deepEqual([picture.width, picture.height], [256, 256]);
        assert.deepEqual(picture.at(20, 100), [200, 30, 30]);
        assert.notDeepEqual(picture.at(220, 100), [200, 30, 30]);
    });

    test('streams an edit', async () => {
        const stream = await client.images.edit({
            model: 'gpt-image-1', image: await file(red, 'red.png'), prompt: 'a window', stream: true, partial_images: 1,
        });
        const types = [];
        for await (const event of stream) types.push(event.type);
        assert.deepEqual(types, ['image_edit.partial_image', 'image_edit.completed']);
    });

    test('varies', async () => {
        const varied = await client.images.createVariation({ image: await file(red, 'red.png'), n: 2, response_format: 'b64_json', size: '256x256', model: 'dall-e-2' });
        assert.equal(varied.data.length, 2);
        assert.equal(readPng(bytesOf(varied.data[0])).width, 256);
    });

    test('lists models', async () => {
        const names = [];
        for await (const model of client.models.list()) names.push(model.id);
        assert.ok(names.includes('gpt-image-1') && names.includes('dall-e-2'));
        const model = await client.models.retrieve('gpt-image-1');
        assert.equal(model.object, 'model');
        await failed(client.models.retrieve('gpt-7'), OpenAI.NotFoundError);
    });

    test('says what was wrong in its own classes', async () => {
        const stranger = new OpenAI({ baseURL: `${house.address}/v1`, apiKey: 'sk-nobody', maxRetries: 0 });
        const poor = new OpenAI({ baseURL: `${house.address}/v1`, apiKey: await house.tenant({ name: 'Poor', plan: 'free' }) });
        const ask = (more) => client.images.generate({ model: 'gpt-image-1', prompt: 'a cup', ...more });

        assert.equal((await failed(stranger.images.generate({ prompt: 'a' }), OpenAI.AuthenticationError)).code, 'invalid_api_key');
        assert.equal((await failed(ask({ model: 'gpt-7' }), OpenAI.NotFoundError)).code, 'model_not_found');
        const blocked = await failed(ask({ prompt: 'fault-moderated' }), OpenAI.BadRequestError);
        assert.deepEqual([blocked.code, blocked.type], ['moderation_blocked', 'image_generation_user_error']);
        const many = await failed(ask({ n: 11 }), OpenAI.BadRequestError);
        assert.deepEqual([many.code, many.param, many.type], ['invalid_value', 'n', 'invalid_request_error']);
        assert.equal((await failed(ask({ colour: 'red' }), OpenAI.BadRequestError)).code, 'unknown_parameter');
        assert.equal((await failed(client.images.generate({}), OpenAI.BadRequestError)).code, 'missing_required_parameter');
        assert.equal((await failed(ask({ output_compression: 50 }), OpenAI.BadRequestError)).param, 'output_compression');
        const image = await failed(
            client.images.edit({ image: await file(Buffer.from('no picture'), 'a.png'), prompt: 'a' }), OpenAI.BadRequestError);
        assert.equal(image.param, 'image');
        const spent = await failed((async () => {
            for (;;) await poor.images.generate({ model: 'gpt-image-1', prompt: 'a cup', n: 10, quality: 'high' });
        })(), OpenAI.RateLimitError);
        assert.equal(spent.code, 'insufficient_quota');
    });

    test('fails as a status before the first event', async () => {
        const asked = client.images.generate({ model: 'gpt-image-1', prompt: 'fault-moderated', stream: true, partial_images: 1 });
        assert.equal((await failed(asked, OpenAI.BadRequestError)).code, 'moderation_blocked');
    });
});

describe('with the built-in studio alone', { skip }, () => {
    let house, client;

    before(async () => {
        house = await server();
        client = new OpenAI({ baseURL: `${house.address}/v1`, apiKey: house.key });
    });
    after(() => house?.end());

    test('generates, streams and edits', async () => {
        const wish = { model: 'dall-e-2', prompt: 'a marble plinth in soft light', size: '256x256' };
        const made = await client.images.generate({ ...wish, response_format: 'b64_json' });
        assert.equal(readPng(bytesOf(made.data[0])).width, 256);

        const events = [];
        for await (const event of await client.images.generate({ ...wish, stream: true, partial_images: 2 })) events.push(event.type);
        assert.equal(events.at(-1), 'image_generation.completed');

        const edited = await client.images.edit({
            model: 'dall-e-2', image: await file(red, 'red.png'), mask: await file(hole, 'mask.png'), prompt: 'an oak table', response_format: 'b64_json',
        });
        assert.deepEqual(readPng(bytesOf(edited.data[0])).at(20, 100), [200, 30, 30]);
    });
});
