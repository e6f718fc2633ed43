/** States and views to try the core on, without a store and without rooms. */
import { applyChange, type Change } from "../../src/core/change.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { type Affiliation, emptyState, type State, type View } from "../../src/core/model.ts";
import { viewState } from "../../src/core/view.ts";

export const TEAM = "team@rooms.example.org" as RoomJid;
export const BOB = "bob@example.org" as BareJid;
export const TEACHER = "https://example.org/hats/teacher";
export const HELPER = "urn:uuid:164c41a2-7461-4cff-bdae-3f93078a6607";

/** A world of one room, TEAM, in which everybody has `affiliation`. */
export function world(affiliation: Affiliation = "member"): World {
  const state = emptyState();
  const view = viewState(
    state,
    (room) => room === TEAM,
    () => affiliation,
  );
  return {
    state,
    view,
    apply(changes) {
      for (const change of changes) applyChange(state, change);
      return changes;
    },
  };
}

export interface World {
  readonly state: State;
  readonly view: View;
  /** Applies the changes and hands them on. */
  apply(changes: readonly Change[]): readonly Change[];
}
