/* Ranges of a file on the server (RFC 9110, 14.2). */

/* The server does not answer, or not now: asking again may help. */
export class Unreachable extends Error {}

/* The server does not give the file: it is not there, or not for this reader. */
export class Refused extends Error {}

/* Whether an error is one of the way to a file, and not of what is in it. */
export function isNotFetched(error) {
  return error instanceof Unreachable || error instanceof Refused;
}

/* Which of `messages` says that something did not come; empty where an error is one of what is in the file. */
export function messageOf(error, { unreachable, refused }) {
  if (error instanceof Refused) return refused;
  return error instanceof Unreachable ? unreachable : "";
}

/* The bytes of a range such as `bytes=0-99`, where they begin, and the size of the file: all of it where the server
   knows no ranges. `onBytes` is called with the length of each piece that comes, `onLength` with that of the whole
   answer where it is stated. Rejects with `Unreachable`, and with `Refused`. */
export async function fetchRange(url, range, { onBytes = () => {}, onLength = () => {} }) {
  const unreachable = (error) => {
    throw new Unreachable(error.message);
  };
  const response = await fetch(url, { headers: { Range: range } }).catch(unreachable);
  if (response.status >= 500 || response.status === 429) throw new Unreachable(String(response.status));
  if (!response.ok) throw new Refused(String(response.status));
  onLength(Number(response.headers.get("Content-Length")) || 0);
  const bytes = await bodyOf(response, onBytes).catch(unreachable);
  const stated = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("Content-Range") || "");
  return stated
    ? { bytes, start: Number(stated[1]), size: Number(stated[2]) }
    : { bytes, start: 0, size: bytes.length };
}

async function bodyOf(response, onBytes) {
  const reader = response.body.getReader();
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    onBytes(value.length);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/* Waits; less where the browser says that it has a network again. */
export function wait(milliseconds) {
  return new Promise((resolve) => {
    const end = () => {
      removeEventListener("online", end);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end);
  });
}
