// Protocol buffers on the wire: one table a message type drives both reading and writing.

/**
 * @typedef {'int'|'float'|'string'|'bytes'|Record<string, Field>} FieldType `int` is a varint that must fit a
 *   JavaScript integer; an object is the table of a nested message.
 * @typedef {{number: number, type: FieldType, repeated?: boolean}} Field
 * @typedef {Record<string, Field>} MessageTable
 */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * @param {number} value an integer; negative ones take ten bytes, as protobuf's int64 does
 * @returns {Buffer}
 */
export function encodeVarint(value) {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is not an integer that a varint can hold exactly`);
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest ? low | 0x80 : low);
  } while (rest);
  return Buffer.from(bytes);
}

/** Reads one buffer from front to back; every method throws when the bytes end too early. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.offset = 0;
  }

  get atEnd() {
    return this.offset === this.bytes.length;
  }

  take(length) {
    const end = this.offset + length;
    if (end > this.bytes.length) throw new Error(`protobuf ends at byte ${this.bytes.length}, ${end} were promised`);
    const part = this.bytes.subarray(this.offset, end);
    this.offset = end;
    return part;
  }

  varint() {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return toInteger(value);
    }
    throw new Error(`varint longer than ten bytes before byte ${this.offset}`);
  }
}

function toInteger(unsigned) {
  const value = Number(BigInt.asIntN(64, unsigned));
  // INT64_MAX is ONNX's "to the end" in a Slice: a double cannot hold it, and nothing here slices.
  if (!Number.isSafeInteger(value)) throw new Error(`integer ${unsigned} is too large to be read exactly`);
  return value;
}

/** @returns {any[]} the values that one field on the wire holds: several when it is packed */
function readValues(reader, wireType, field, name) {
  const { type, repeated } = field;
  if (type === 'int') {
    if (wireType === VARINT) return [reader.varint()];
    if (wireType === LENGTH && repeated) return unpack(reader, (packed) => packed.varint());
  } else if (type === 'float') {
    const one = (from) => from.take(4).readFloatLE(0);
    if (wireType === FIXED32) return [one(reader)];
    if (wireType === LENGTH && repeated) return unpack(reader, one);
  } else if (wireType === LENGTH) {
    const bytes = reader.take(reader.varint());
    if (type === 'bytes') return [bytes];
    if (type === 'string') return [bytes.toString('utf8')];
    return [decode(type, bytes)];
  }
  throw new Error(`field ${name} has wire type ${wireType}, which does not fit its kind`);
}

function unpack(reader, readOne) {
  const packed = new Reader(reader.take(reader.varint()));
  const values = [];
  while (!packed.atEnd) values.push(readOne(packed));
  return values;
}

/**
 * Reads a message. Absent repeated fields become empty arrays, absent single fields are undefined; a field that the
 * table does not name is an error, so that nothing of a model is lost unseen.
 * @param {MessageTable} table
 * @param {Buffer} bytes kept: `bytes` fields are views into it
 * @returns {Record<string, any>}
 */
export function decode(table, bytes) {
  const byNumber = new Map(Object.entries(table).map(([name, field]) => [field.number, { name, field }]));
  const message = {};
  for (const [name, field] of Object.entries(table)) if (field.repeated) message[name] = [];
  const reader = new Reader(bytes);
  while (!reader.atEnd) {
    const tag = reader.varint();
    const known = byNumber.get(tag >>> 3);
    if (!known) throw new Error(`unknown field ${tag >>> 3} (wire type ${tag & 7}) before byte ${reader.offset}`);
    const values = readValues(reader, tag & 7, known.field, known.name);
    if (known.field.repeated) message[known.name].push(...values);
    else message[known.name] = values[0];
  }
  return message;
}

function encodeValue({ number, type }, value, name) {
  const tag = (wireType) => encodeVarint((number << 3) | wireType);
  const counted = (bytes) => [tag(LENGTH), encodeVarint(bytes.length), bytes];
  switch (type) {
    case 'int':
      return [tag(VARINT), encodeVarint(value)];
    case 'float': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(value);
      return [tag(FIXED32), bytes];
    }
    case 'string':
      if (typeof value !== 'string') throw new Error(`${name} must be a string`);
      return counted(Buffer.from(value, 'utf8'));
    case 'bytes':
      if (!Buffer.isBuffer(value)) throw new Error(`${name} must be a Buffer`);
      return counted(value);
    default:
      return counted(encode(type, value));
  }
}

/**
 * Writes a message, fields in the table's order: the same message always gives the same bytes.
 * @param {MessageTable} table
 * @param {Record<string, any>} message
 * @returns {Buffer}
 */
export function encode(table, message) {
  for (const name of Object.keys(message)) if (!table[name]) throw new Error(`no field is called ${name}`);
  const parts = [];
  for (const [name, field] of Object.entries(table)) {
    const value = message[name];
    if (value === undefined) continue;
    for (const one of field.repeated ? value : [value]) parts.push(...encodeValue(field, one, name));
  }
  return Buffer.concat(parts);
}
