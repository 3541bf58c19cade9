/* Notes as text and as Markdown, in a file or on the clipboard. */

/* `books` are `{ title, notes }`, the notes in the order of the book; `names` has `bookmark` and `note`. */
function asText(books, names) {
  return books
    .map(
      ({ title, notes }) =>
        `《${title}》\n\n${notes.map((note) => entry(note, names).join("\n")).join("\n\n")}\n`
    )
    .join("\n\n");
}

function asMarkdown(books, names) {
  return books
    .map(
      ({ title, notes }) =>
        `# ${escapeMarkdown(title)}\n\n${notes.map((note) => markdownEntry(note, names)).join("\n\n")}\n`
    )
    .join("\n\n");
}

function entry(note, names) {
  const place = [note.label, note.kind === "bookmark" ? names.bookmark : "", day(note.when)];
  return [
    place.filter(Boolean).join(" · "),
    note.text ? `“${note.text}”` : "",
    note.note ? `${names.note}${note.note}` : "",
  ].filter(Boolean);
}

function markdownEntry(note, names) {
  const [place] = entry({ ...note, text: "", note: "" }, names);
  const quoted = (note.text || "").split("\n").map((line) => `> ${escapeMarkdown(line)}`);
  return [`**${escapeMarkdown(place)}**`, note.text ? quoted.join("\n") : "", escapeMarkdown(note.note || "")]
    .filter(Boolean)
    .join("\n\n");
}

function escapeMarkdown(text) {
  return text.replace(/[\\`*_{}[\]<>#|]/g, "\\$&");
}

/* Connects the buttons in `root` that save notes as a file and copy them. `books` returns the books, `names` are as above
   and `file` is the name of the file without its ending; `copied` is called with whether they were copied. */
export function connectExport(root, { books, names, file, copied }) {
  const on = (name, action) => {
    root.querySelector(`[data-do=${name}]`).onclick = action;
  };
  on("save-text", () => download(`${file}.txt`, asText(books(), names), "text/plain"));
  on("save-markdown", () => download(`${file}.md`, asMarkdown(books(), names), "text/markdown"));
  on("copy", async () => copied(await copyText(asText(books(), names))));
}

/* The day in the time zone of the reader, as `2026-11-27`. */
function day(when) {
  const date = new Date(when);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/* Gives a text as a file to keep. A text file begins with a byte order mark, which older editors of Windows need. */
function download(name, text, type) {
  const mark = type === "text/plain" ? "\ufeff" : "";
  const address = URL.createObjectURL(new Blob([mark, text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name.replace(/[\\/:*?"<>|\s]+/g, " ").trim();
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

/* Copies a text; resolves to false where the browser does not let it. The clipboard of modules needs HTTPS, which the
   library of a village may not have. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByField(text);
  }
}

function copyByField(text) {
  const field = document.createElement("textarea");
  const focused = document.activeElement;
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (focused && focused.focus) focused.focus();
  return isCopied;
}
