/** What people did, by the node of the command that they did it with: the keys of phrases. */

/** What has no line here is named by its node. */
export const DEEDS: ReadonlyMap<string, string> = new Map([
  ["add-user-hat", "did-give"],
  ["remove-user-hat", "did-take"],
  ["set-user-hats", "did-set"],
  ["my-hats", "did-choose"],
  ["define-hat", "did-define"],
  ["retire-hat", "did-retire"],
  ["delegate-hat", "did-delegate"],
  ["import-hats", "did-import"],
  ["manage-room", "did-manage"],
  ["leave-room", "did-leave"],
  ["undo", "did-undo"],
]);
