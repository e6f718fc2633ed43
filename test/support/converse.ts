/** A person at Converse, by clicks: its dialog of ad-hoc commands, and what the room shows. */
import type { Locator, Page } from "playwright-core";

/** What a field is filled with: a text, a tick, or the values of what is chosen in a list. */
export type Answered = string | boolean | readonly string[];

/** Converse with somebody logged in. */
export class Converse {
  readonly page: Page;
  readonly dialog: Locator;
  /** The form of the command that is open. */
  readonly form: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dialog = page.locator("converse-adhoc-commands");
    this.form = this.dialog.locator("li form");
  }

  /** Resolves once the room shows this person among its occupants. */
  async isIn(nick: string): Promise<void> {
    await this.page.locator(".occupant-list").getByText(nick, { exact: true }).first().waitFor();
  }

  /** Opens the dialog of commands, and lists those of the address that stands there or of another one. */
  async listCommands(address?: string): Promise<void> {
    await this.#toFront();
    await this.page.locator(".show-client-info").click();
    await this.page.locator("#commands-tab").click();
    if (address !== undefined) await this.dialog.locator("input[name=jid]").fill(address);
    await this.dialog.locator("input[type=submit]").click();
  }

  /** The names of the commands, as listed. */
  async commands(): Promise<string[]> {
    await this.dialog.getByText("ommands found").waitFor();
    return this.dialog.locator("a[data-command-node]").allInnerTexts();
  }

  /** Opens a command by its name, and waits for its first answer. */
  async open(name: string): Promise<void> {
    await this.#toFront();
    const link = this.page.locator(`a[data-command-name="${name}"]`);
    await link.click();
    await this.dialog.locator("li").filter({ has: link }).locator("form").waitFor();
  }

  /** Fills fields out, by var. */
  async answer(fields: Readonly<Record<string, Answered>>): Promise<void> {
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === "boolean") await this.form.locator(`input[name="${name}"]`).setChecked(value);
      else if (typeof value === "string")
        await this.form.locator(`[name="${name}"]:is(input, textarea)`).fill(value);
      else await this.form.locator(`select[name="${name}"]`).selectOption([...value]);
    }
  }

  /** The values that are chosen in a list now. */
  chosen(name: string): Promise<string[]> {
    return this.form
      .locator(`select[name="${name}"] option:checked`)
      .evaluateAll((options) => options.map((option) => (option as unknown as { value: string }).value));
  }

  /** Presses a button of the form. */
  async press(button: "Cancel" | "Complete" | "Next" | "Previous"): Promise<void> {
    await this.form.locator(`input[type=button][value="${button}"]`).click();
  }

  /** Whether somebody who scrolls until a button of the form is just there sees a text at one of its fields whole. */
  async isSeenWith(button: "Complete" | "Next", pattern: RegExp): Promise<boolean> {
    const pressed = this.form.locator(`input[type=button][value="${button}"]`);
    await pressed.evaluate((element) => {
      (element as unknown as { scrollIntoView(how: { block: string }): void }).scrollIntoView({
        block: "end",
      });
    });
    return this.form.locator("small").filter({ hasText: pattern }).evaluate(isWhollySeen);
  }

  /** The buttons that the form has now, in order. */
  buttons(): Promise<string[]> {
    return this.form
      .locator("input[type=button]")
      .evaluateAll((buttons) => buttons.map((button) => (button as unknown as { value: string }).value));
  }

  /** Resolves with the instructions of the form as soon as they read like this. */
  async instructed(pattern: RegExp): Promise<string> {
    const instructions = this.form.locator(".form-instructions").filter({ hasText: pattern });
    return instructions.innerText();
  }

  /** Resolves as soon as the dialog says this above all commands, where it tells how one ended. */
  async told(pattern: RegExp): Promise<void> {
    await this.dialog.locator("> p.form-help").filter({ hasText: pattern }).waitFor();
  }

  /** Writes a line in the room. */
  async say(line: string): Promise<void> {
    await this.#toFront();
    const composer = this.page.locator("textarea.chat-textarea");
    await composer.fill(line);
    await composer.press("Enter");
  }

  /** The rows of the table that is shown, the head first. */
  async table(): Promise<string[][]> {
    await this.form.locator("table").waitFor();
    const rows = await this.form.locator("table tr, table thead").all();
    return Promise.all(rows.map((row) => row.locator("th, td").allInnerTexts()));
  }

  /** Closes the dialog. */
  async close(): Promise<void> {
    const modal = this.page.locator(".modal.show");
    await modal.locator(".modal-footer button").click();
    await modal.waitFor({ state: "hidden" });
  }

  /** The badge beside somebody's name at what they said. */
  badge(nick: string, title: string): Locator {
    const message = this.page
      .locator(".chat-msg")
      .filter({ has: this.page.getByText(nick, { exact: true }) });
    return message.locator(".chat-msg__heading .badge").filter({ hasText: title }).first();
  }

  /** The badges among somebody's details, which a click on their name in the list opens. */
  async detailsOf(nick: string): Promise<string[]> {
    await this.#toFront();
    await this.page.locator(".occupant-list").getByText(nick, { exact: true }).first().click();
    await this.page.locator(".occupant-details-nickname").filter({ hasText: nick }).waitFor();
    const badges = await this.page.locator(".occupant-details .badge").allInnerTexts();
    await this.page
      .locator("converse-muc-sidebar .fa-arrow-left, .sidebar-heading converse-icon")
      .first()
      .click();
    return badges;
  }

  /* Chromium hardly draws a tab that is not in front, and a click waits for what is drawn. */
  async #toFront(): Promise<void> {
    await this.page.bringToFront();
  }
}

/* Runs in the page. */
function isWhollySeen(element: unknown): Promise<boolean> {
  return new Promise((resolve) => {
    const { IntersectionObserver: Observer } = globalThis as unknown as {
      IntersectionObserver: new (
        seen: (entries: readonly { readonly intersectionRatio: number }[]) => void,
      ) => { observe(target: unknown): void };
    };
    new Observer(([entry]) => resolve(entry?.intersectionRatio === 1)).observe(element);
  });
}
