/**
 * Which element shows which line. A line that comes into sight takes over the element of one that went: to change some
 * texts is cheaper than to make new elements. Lines that stay keep theirs.
 */
export class Slots {
  private held = new Map<string, number>();
  private next = 0;

  /**
   * Return the slot of each of these lines. What shows the line named `busy` is given to no other one: whoever has the
   * focus there must not find themselves at another incident.
   */
  of(names: readonly string[], busy: string | null): ReadonlyMap<string, number> {
    const here = new Set(names);
    const free = [...this.held].filter(([name]) => !here.has(name) && name !== busy).map(([, slot]) => slot);
    const now = new Map<string, number>();
    for (const name of names) now.set(name, this.held.get(name) ?? free.pop() ?? this.next++);
    this.held = now;
    return now;
  }
}
