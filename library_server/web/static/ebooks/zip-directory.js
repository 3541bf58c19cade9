/* The directory of a ZIP (PKWARE APPNOTE 6.3.10, 4.3 and 4.4), read from the end of the file. */

const END = 0x06054b50,
  END_64 = 0x06064b50,
  PLACE_OF_END_64 = 0x07064b50,
  MEMBER = 0x02014b50;
const END_SIZE = 22,
  PLACE_SIZE = 20,
  END_64_SIZE = 56,
  MEMBER_SIZE = 46;
const LONGEST_COMMENT = 0xffff;
const LARGEST_DIRECTORY = 64 * 1024 * 1024; // bytes
const UTF8 = 0x800,
  ENCRYPTED = 1;
const WIDE = 0xffffffff; // stands for a number that is in the extra field of ZIP64

/* The members of an archive that a `RemoteFile` holds: `rawName`, `isUtf8`, `isEncrypted`, `method`, `packed` and
   `size` in bytes, `offset` of the local header and `limit`, before which all of the member stands. */
export async function readDirectory(file) {
  const { end, record } = await endRecordOf(file);
  const { size, offset, start } = await placeOf(file, record, end);
  if (size > LARGEST_DIRECTORY || start < 0) throw new Error("no directory");
  const members = parseMembers(viewOf(await file.read(start, start + size)), start - offset);
  setLimits(members, start);
  return members;
}

/* The place of the end record and its bytes: a comment may stand after it, and seldom does. */
async function endRecordOf(file) {
  for (const spare of [0, LONGEST_COMMENT]) {
    const start = Math.max(0, file.size - END_SIZE - spare);
    const tail = viewOf(await file.read(start, file.size));
    for (let at = tail.byteLength - END_SIZE; at >= 0; at--)
      if (tail.getUint32(at, true) === END)
        return { end: start + at, record: new DataView(tail.buffer, tail.byteOffset + at, END_SIZE) };
  }
  throw new Error("no directory");
}

/* Something may stand before an archive, which then states wrong offsets: its directory ends where the end record
   begins. */
async function placeOf(file, endRecord, end) {
  const size = endRecord.getUint32(12, true),
    offset = endRecord.getUint32(16, true);
  if (size !== WIDE && offset !== WIDE) return { size, offset, start: end - size };
  const place = viewOf(await file.read(end - PLACE_SIZE, end));
  if (place.getUint32(0, true) !== PLACE_OF_END_64) return { size, offset, start: end - size };
  const stated = wide(place, 8);
  for (const from of [stated, end - PLACE_SIZE - END_64_SIZE]) {
    const record = viewOf(await file.read(from, from + END_64_SIZE));
    if (record.getUint32(0, true) === END_64)
      return { size: wide(record, 40), offset: wide(record, 48), start: from - wide(record, 40) };
  }
  throw new Error("no directory");
}

function parseMembers(view, shift) {
  const members = [];
  let at = 0;
  while (at + MEMBER_SIZE <= view.byteLength && view.getUint32(at, true) === MEMBER) {
    const flags = view.getUint16(at + 8, true);
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const nameAt = at + MEMBER_SIZE;
    const wider = extraNumbers(view, nameAt + nameSize, extraSize);
    const number = (place) => {
      const plain = view.getUint32(at + place, true);
      return plain === WIDE && wider.length ? wider.shift() : plain;
    };
    const size = number(24),
      packed = number(20),
      offset = number(42) + shift;
    members.push({
      rawName: new Uint8Array(view.buffer, view.byteOffset + nameAt, nameSize),
      isUtf8: (flags & UTF8) !== 0,
      isEncrypted: (flags & ENCRYPTED) !== 0,
      method: view.getUint16(at + 10, true),
      size,
      packed,
      offset,
    });
    at = nameAt + nameSize + extraSize + commentSize;
  }
  return members;
}

function extraNumbers(view, at, size) {
  const end = Math.min(at + size, view.byteLength);
  for (let place = at; place + 4 <= end; place += 4 + view.getUint16(place + 2, true)) {
    if (view.getUint16(place, true) !== 1) continue;
    const count = Math.min(view.getUint16(place + 2, true), end - place - 4) >> 3;
    return Array.from({ length: count }, (_, index) => wide(view, place + 4 + index * 8));
  }
  return [];
}

function setLimits(members, directory) {
  const sorted = members.slice().sort((one, other) => one.offset - other.offset);
  sorted.forEach((member, index) => {
    member.limit = index + 1 < sorted.length ? sorted[index + 1].offset : directory;
  });
}

function wide(view, at) {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x100000000;
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
