/**
 * One object for equal attachments.
 *
 * Most wearers of a hat have it in the same way; a million objects that say the same would be most of the memory.
 */
import type { Attachment } from "../../core/model.ts";

/* Where almost all differ, looking for equal ones only costs. */
const MOST = 100_000;

export class SharedAttachments {
  readonly #known = new Map<string, Attachment>();

  /** Returns an equal attachment that was seen before, else this one. */
  share(attachment: Attachment): Attachment {
    const { active, required, title } = attachment;
    const key = `${active},${required}${title === undefined ? "" : `,${title}`}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size < MOST) this.#known.set(key, attachment);
    return attachment;
  }
}
