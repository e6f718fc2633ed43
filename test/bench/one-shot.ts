/** A command in one stanza, as text. */

/** The `<command/>` with a filled form in it; values hold nothing that needs escaping. */
export function oneShot(node: string, fields: Readonly<Record<string, string>>): string {
  const filled = Object.entries(fields).map(([name, value]) => field(name, value));
  return (
    `<command xmlns='http://jabber.org/protocol/commands' node='${node}' action='complete'>` +
    `<x xmlns='jabber:x:data' type='submit'>${filled.join("")}</x></command>`
  );
}

function field(name: string, value: string): string {
  return `<field var='${name}'><value>${value}</value></field>`;
}
