// Small PNGs, made without a library: enough for tests.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

function crc(bytes) {
    if (crc32) return crc32(bytes);
    let sum = 0xffffffff;
    for (const byte of bytes) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    }
    return (sum ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const whole = Buffer.alloc(body.length + 8);
    whole.writeUInt32BE(data.length, 0);
    body.copy(whole, 4);
    whole.writeUInt32BE(crc(body), whole.length - 4);
    return whole;
}

/** A PNG of WIDTH by HEIGHT pixels; PAINT gives [red, green, blue, alpha] of x, y. */
export function png(width, height, paint) {
    const rows = Buffer.alloc(height * (1 + 4 * width));
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) rows.set(paint(x, y), y * (1 + 4 * width) + 1 + 4 * x);
    }
    const head = Buffer.alloc(13);
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    head.set([8, 6, 0, 0, 0], 8);
    return Buffer.concat([
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
        chunk('IHDR', head),
        chunk('IDAT', deflateSync(rows)),
        chunk('IEND', Buffer.alloc(0)),
    ]);
}

/** Width, height and [red, green, blue] at x, y of an 8-bit RGB or RGBA PNG. */
export function readPng(bytes) {
    const width = bytes.readUInt32BE(16), height = bytes.readUInt32BE(20);
    const channels = { 2: 3, 6: 4 }[bytes[25]];
    const packed = [];
    for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
        if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') packed.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
    }
    const rows = inflateSync(Buffer.concat(packed)), stride = width * channels;
    const plain = Buffer.alloc(stride * height);
    for (let y = 0; y < height; y++) {
        const filter = rows[y * (stride + 1)];
        for (let x = 0; x < stride; x++) {
            const left = x >= channels ? plain[y * stride + x - channels] : 0;
            const up = y ? plain[(y - 1) * stride + x] : 0;
            const corner = x >= channels && y ? plain[(y - 1) * stride + x - channels] : 0;
            const guess = left + up - corner;
            const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
            const paeth = a <= b && a <= c ? left : b <= c ? up : corner;
            const added = [0, left, up, (left + up) >> 1, paeth][filter];
            plain[y * stride + x] = rows[y * (stride + 1) + 1 + x] + added;
        }
    }
    return { width, height, at: (x, y) => [...plain.subarray((y * width + x) * channels, (y * width + x) * channels + 3)] };
}
