/* Lets go of the pages of a fixed layout that were turned away from: foliate-js keeps the addresses, and so the pictures,
   of all that were shown. The last ones are kept, so that a turn back need not fetch them again. */

const MOST_KEPT = 6; // pages; two are on the screen, and two more may be coming

/* `sections` are those of a book of foliate-js, before it is opened. */
export function keepLastPages(sections) {
  const kept = new Map(); // the promise of its address by section; the section that was shown last stands last
  for (const section of sections) {
    const { load, unload } = section;
    if (!load || !unload) continue;
    section.load = () => {
      const address = kept.get(section) || Promise.resolve(load());
      kept.delete(section);
      kept.set(section, address);
      address.catch(() => kept.delete(section));
      while (kept.size > MOST_KEPT) kept.keys().next().value.unload();
      return address;
    };
    section.unload = () => {
      const address = kept.get(section);
      kept.delete(section);
      // one that is not there yet cannot be let go
      if (address) address.then(unload, () => {});
    };
  }
}
