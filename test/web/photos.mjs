// What the tests of the pages send, and look into when it comes back.
import assert from 'node:assert/strict';

/**
 * Vessels on a plain table, [NAME, SIDE in px, COLOUR] each, drawn in the page WHERE: as files that are chosen. ISCUT: without the table, so
 * that nothing has to be cut out, which takes long.
 */
export async function photosDraw(where, wishes, isCut = false) {
  const drawn = await where.evaluate(([all, isAlone]) => Promise.all(all.map(async ([name, side, colour]) => {
    const canvas = new OffscreenCanvas(side, side);
    const to = canvas.getContext('2d');
    to.scale(side / 100, side / 100);
    if (!isAlone) {
      const ground = to.createLinearGradient(0, 0, 0, 100);
      ground.addColorStop(0, '#dedad2');
      ground.addColorStop(1, '#bdb6a8');
      to.fillStyle = ground;
      to.fillRect(0, 0, 100, 100);
      to.fillStyle = 'rgb(0 0 0 / 0.25)';
      to.ellipse(50, 80, 26, 4, 0, 0, 7);
      to.fill();
    }
    const body = to.createLinearGradient(25, 0, 75, 0);
    body.addColorStop(0, colour);
    body.addColorStop(0.3, '#ffffff');
    body.addColorStop(0.45, colour);
    body.addColorStop(1, '#1a1a1a');
    to.fillStyle = body;
    to.beginPath();
    to.roundRect(28, 30, 44, 50, name === 'bowl' ? [0, 0, 22, 22] : 4);
    to.fill();
    to.fillStyle = '#2a2320';
    to.beginPath();
    to.ellipse(50, 30, 22, 5, 0, 0, 7);
    to.fill();
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: isAlone ? 'image/png' : 'image/jpeg', quality: 0.9 })).arrayBuffer());
    return { name: `${name}.${isAlone ? 'png' : 'jpg'}`, bytes: Array.from(bytes) };
  })), [wishes, isCut]);
  return drawn.map(({ name, bytes }) => ({ name, mimeType: isCut ? 'image/png' : 'image/jpeg', buffer: Buffer.from(bytes) }));
}

/** How many files a ZIP says that it holds. */
export function zipCount(bytes) {
  assert.equal(bytes.toString('latin1', 0, 2), 'PK');
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  assert.ok(end > 0);
  return bytes.readUInt16LE(end + 10);
}

/** [width, height] of a JPEG. */
export function jpegSize(bytes) {
  assert.equal(bytes.readUInt16BE(0), 0xffd8, 'a JPEG');
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const mark = bytes[at + 1];
    if (mark >= 0xc0 && mark <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(mark)) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
  }
  throw new Error('a JPEG without a size');
}
