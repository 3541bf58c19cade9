/* A note in a list: its passage, its words and what can be done with it. */

/* `messages` is an element whose `data-` attributes have the sentences; `actions` has `open`, `remove`, `restore` and,
   where the words can be changed, `edit`. */
export function rowOf(note, messages, isDeleted, actions) {
  const row = document.createElement("li");
  row.dataset.when = note.when;
  const { dataset } = messages;
  if (isDeleted) {
    row.className = "deleted";
    row.append(line("stone", dataset.deleted), button(dataset.restore, "restore", actions.restore));
    return row;
  }
  const open = button("", "open", actions.open);
  open.className = "note";
  if (note.text) {
    const quote = line("quoted", note.text);
    if (note.colour) quote.dataset.colour = note.colour;
    open.append(quote);
  }
  if (note.note) open.append(line("words", note.note));
  const kind = note.kind === "bookmark" ? dataset.bookmark : dataset[note.colour] || "";
  open.append(line("stone small", [note.label, kind].filter(Boolean).join(" · ")));
  const tools = document.createElement("div");
  tools.className = "tools";
  if (actions.edit) tools.append(button(dataset[note.note ? "edit" : "write"], "edit", actions.edit));
  tools.append(button(dataset.remove, "remove", actions.remove));
  row.append(open, tools);
  return row;
}

function line(className, text) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  return made;
}

function button(text, name, onClick) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "more";
  made.dataset.do = name;
  made.textContent = text;
  made.onclick = onClick;
  return made;
}
