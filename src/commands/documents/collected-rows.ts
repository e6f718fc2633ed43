/** The rows of a document as they are read, each hat of a person once. */
import { type ImportRow, isSameRow } from "../../core/import.ts";
import { foldTitle } from "../../core/titles.ts";
import type { Place, Problems } from "./problems.ts";

interface PlacedRow {
  readonly row: ImportRow;
  readonly place: Place;
}

export class CollectedRows {
  readonly #problems: Problems;
  readonly #rows = new Map<string, PlacedRow>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** Adds a row; the same once more is nothing new, the same hat in another way is a problem. */
  add(row: ImportRow, place: Place): void {
    const key = `${row.user} ${row.hat ?? ` ${foldTitle(row.attachment.title ?? "")}`}`;
    const known = this.#rows.get(key);
    if (known === undefined) this.#rows.set(key, { row, place });
    else if (!isSameRow(known.row, row)) {
      this.#problems.add(place, "said-otherwise", { place: known.place });
    }
  }

  /** All of them, in their order. */
  all(): ImportRow[] {
    return Array.from(this.#rows.values(), ({ row }) => row);
  }
}
