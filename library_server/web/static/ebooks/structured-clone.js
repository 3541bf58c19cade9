/* A `structuredClone` for what pdf.js copies, for browsers without one (before Chrome 98 and Safari 15.4). Imported
   after pdf.js, whose own polyfills would take it for one that transfers buffers. */

if (!self.structuredClone) self.structuredClone = (value) => copy(value, new Map());

function copy(value, copies) {
  if (typeof value !== "object" || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  const made = empty(value);
  copies.set(value, made);
  if (made === value) return value; // a picture, say, which nobody changes
  if (value instanceof Map) value.forEach((item, key) => made.set(copy(key, copies), copy(item, copies)));
  else if (value instanceof Set) value.forEach((item) => made.add(copy(item, copies)));
  else if (isPlain(value)) for (const key of Object.keys(value)) made[key] = copy(value[key], copies);
  return made;
}

function empty(value) {
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof ArrayBuffer || (ArrayBuffer.isView(value) && value.slice)) return value.slice(0);
  if (!isPlain(value)) return value;
  return Array.isArray(value) ? [] : {};
}

function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
