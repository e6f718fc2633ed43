/**
 * Runs commands for people and scripts: XEP-0050 1.3.0, the responder.
 *
 * Sessions belong to a full address, and through a room to one occupancy: whoever takes a nick over cannot go on with
 * what its former owner began, nor read the answer to it. One submit of a session is worked on at a time. Rights are
 * the commands' own business, and they judge them at each call. An answer is given only once what it says is durable.
 * Leaves out bad-locale: a language that is not there is answered in English.
 */
import { randomUUID } from "node:crypto";
import { HatsError } from "../../core/errors.ts";
import type { Requester } from "../../desk/access.ts";
import { type Action, type CommandRequest, type CommandResponse, isAction } from "../../stanza/command.ts";
import type { Submission } from "../../stanza/data-form.ts";
import type { Asker, Command } from "../command.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Forms } from "../texts/forms.ts";
import { planOf } from "./plan.ts";
import { canceledResponse, completedResponse, type Frame, frameOf, withIgnored } from "./reply.ts";
import { beginSession, isFilled, reduceSession, type Session } from "./session.ts";
import { type SessionIds, sessionIds } from "./session-ids.ts";
import { DEFAULT_SESSION_LIMITS, ownerOf, type SessionLimits, SessionTable } from "./session-table.ts";
import { Stays } from "./stays.ts";
import { checkFormType, isStrict, respelled, unknownFieldIn } from "./submitted-forms.ts";
import { Turns } from "../../core/turns.ts";
import { type Arrival, showAgain, walkOn, type Walker } from "./walk.ts";

/** Where a request came from. */
export interface Source {
  readonly requester: Requester;
  /** The prepared full address: of an account's session, or of an occupant. */
  readonly address: string;
}

/** What an engine runs, and by which clock and chance. */
export interface EngineOptions {
  readonly commands: readonly Command[];
  readonly forms: Forms;
  readonly limits?: Partial<SessionLimits>;
  /** Milliseconds that only go forward. */
  readonly now?: () => number;
  readonly randomUuid?: () => string;
}

/** A command as disco lists it. */
export interface OfferedCommand {
  readonly node: string;
  readonly name: string;
}

/* What a person can mend by filling the form out in another way. */
const MENDABLE: ReadonlySet<HatsError["code"]> = new Set(["bad-field", "no-such-room", "not-affiliated"]);

/** Answers command requests, and remembers what is under way. */
export class Engine {
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #plans: ReadonlyMap<string, Session["plan"]>;
  readonly #forms: Forms;
  readonly #sessions: SessionTable;
  readonly #ids: SessionIds;
  readonly #turns = new Turns();
  readonly #stays = new Stays();
  #isClosed = false;

  constructor(options: EngineOptions) {
    const { commands, forms, limits, now = () => performance.now(), randomUuid = randomUUID } = options;
    this.#commands = new Map(commands.map((command) => [command.node, command]));
    this.#plans = new Map(commands.map((command) => [command.node, planOf(command, forms)]));
    this.#forms = forms;
    this.#sessions = new SessionTable({ ...DEFAULT_SESSION_LIMITS, ...limits }, now);
    this.#ids = sessionIds(randomUuid);
  }

  /** The commands that this requester may run somewhere, in the language nearest to theirs. */
  offered(requester: Requester, lang = ""): OfferedCommand[] {
    const spoken = this.#forms.phrases(lang).lang;
    return [...this.#commands.values()]
      .filter((command) => command.isOffered(requester))
      .map(({ node }) => ({ node, name: this.#forms.form(node, spoken).name }));
  }

  /** The language of the answer to a request: that of its session, else the nearest to the one that it asks for. */
  languageOf(
    source: Source | undefined,
    request: Pick<CommandRequest, "lang"> & { sessionid?: string | undefined },
  ): string {
    const { sessionid, lang } = request;
    const session =
      source === undefined || sessionid === undefined
        ? undefined
        : this.#sessions.find(sessionid, source.address);
    return session?.lang ?? this.#forms.phrases(lang).lang;
  }

  /** Answers one request; rejects with HatsError for what is answered by a stanza error. */
  async handle(source: Source, request: CommandRequest): Promise<CommandResponse> {
    if (this.#isClosed) throw new HatsError("desk-stopping");
    const command = this.#commands.get(request.node);
    if (command === undefined) throw new HatsError("unknown-node");
    const { action, sessionid } = request;
    if (!isAction(action)) throw new HatsError("malformed-action");
    const work = (): Promise<CommandResponse> =>
      sessionid === undefined
        ? this.#open(command, source, action, request)
        : this.#turns.take(sessionid, () => this.#continue(command, source, sessionid, action, request));
    /* Nobody takes an account's address over. */
    if (source.requester.kind === "account") return await work();
    return await this.#stays.during(source.address, work, ({ sessionid }) => this.#sessions.drop(sessionid));
  }

  /** Refuses whatever is asked from now on; what was asked before is worked on. */
  close(): void {
    this.#isClosed = true;
  }

  /** Ends what an occupant began: they left, changed their nick, or are not provably who they were. */
  endOccupancy(occupantJid: string): void {
    this.#sessions.forget(occupantJid);
    this.#stays.end(occupantJid);
  }

  /** How many sessions are open. */
  get openSessions(): number {
    return this.#sessions.size;
  }

  #open(command: Command, source: Source, action: Action, request: CommandRequest): Promise<CommandResponse> {
    if (action !== "execute" && action !== "complete") throw new HatsError("bad-action");
    const { lang } = this.#forms.phrases(request.lang);
    const { node } = command;
    const { address } = source;
    const frame = { node, sessionid: this.#ids.mint(address), lang };
    const { submission } = request;
    if (isFilled(submission)) return this.#runAtOnce(command, source, frame, submission);
    const plan = this.#plans.get(node) ?? [];
    return this.#advance(command, source, beginSession({ ...frame, address, plan }), 0);
  }

  async #continue(
    command: Command,
    source: Source,
    sessionid: string,
    action: Action,
    { submission: sent }: CommandRequest,
  ): Promise<CommandResponse> {
    const submission = respelled(command, this.#forms, sent);
    const session = this.#sessions.find(sessionid, source.address);
    if (session === undefined) return this.#replay(command, source, sessionid, action, submission);
    if (session.node !== command.node) throw new HatsError("bad-sessionid");
    const move = reduceSession(session, action, submission);
    if (move.kind === "refuse") throw new HatsError(move.code);
    if (move.kind === "show") return this.#show(command, source, move.session);
    if (move.kind === "cancel") {
      this.#sessions.drop(sessionid);
      return canceledResponse(frameOf(session));
    }
    try {
      checkFormType(this.#forms.form(command.node, "").formType, submission);
      const response = await this.#advance(command, source, move.session, move.to);
      if (response.status === "completed") this.#remember(session, action, submission, response);
      return response;
    } catch (error) {
      if (!(error instanceof HatsError && MENDABLE.has(error.code))) throw error;
      return this.#show(command, source, move.session, error);
    }
  }

  /* What is complete in itself needs no session. */
  async #runAtOnce(
    command: Command,
    source: Source,
    frame: Frame,
    submission: Submission,
  ): Promise<CommandResponse> {
    /* Not spread: of such an object V8 makes a map of its own each time, and whoever reads it pays for that. */
    const { requester, address, phrases } = this.#asker(source, frame);
    const asker: Asker = { requester, address, phrases, isOneShot: true, isConfirmed: true };
    const form = this.#forms.form(command.node, frame.lang);
    const unknown = unknownFieldIn(submission, form, this.#forms.form(command.node, ""));
    try {
      checkFormType(form.formType, submission);
      if (unknown !== undefined && isStrict(submission)) throw unknown;
    } catch (mistake) {
      await command.judge?.(asker, submission);
      throw mistake;
    }
    const outcome = await command.run(asker, submission);
    if (outcome.kind === "confirmation") throw new Error(`${command.node} asks a script to confirm`);
    const response = completedResponse(frame, form, outcome, phrases);
    return unknown === undefined ? response : withIgnored(response, unknown, phrases);
  }

  async #advance(command: Command, source: Source, from: Session, to: number): Promise<CommandResponse> {
    return this.#arrive(source, await walkOn(this.#walker(command, source, from), from, to));
  }

  async #show(
    command: Command,
    source: Source,
    session: Session,
    mistake?: HatsError,
  ): Promise<CommandResponse> {
    return this.#arrive(source, await showAgain(this.#walker(command, source, session), session, mistake));
  }

  #arrive(source: Source, { session, response }: Arrival): CommandResponse {
    if (session !== undefined) this.#keep(source, session);
    return response;
  }

  /* The session is not open: it completed, or ended otherwise, or never was. */
  #replay(
    command: Command,
    source: Source,
    sessionid: string,
    action: Action,
    submission: Submission | undefined,
  ): CommandResponse {
    const ended = this.#sessions.findEnded(sessionid, source.address);
    if (ended?.node === command.node && ended.fingerprint === fingerprint(action, submission)) {
      return ended.response;
    }
    throw new HatsError(this.#ids.isMinted(sessionid, source.address) ? "session-expired" : "bad-sessionid");
  }

  #remember(
    { sessionid, node, address }: Session,
    action: Action,
    submission: Submission | undefined,
    response: CommandResponse,
  ): void {
    if (this.#sessions.find(sessionid, address) === undefined) return;
    const submitted = fingerprint(action, submission);
    this.#sessions.end({ sessionid, node, address, fingerprint: submitted, response });
  }

  #keep({ requester, address }: Source, session: Session): void {
    this.#sessions.keep(session, ownerOf(requester, address));
  }

  #walker(command: Command, source: Source, session: Session): Walker {
    const form = this.#forms.form(command.node, session.lang);
    return { command, form, asker: this.#asker(source, session) };
  }

  #asker({ requester, address }: Source, { lang }: Frame): Walker["asker"] {
    return { requester, address, phrases: this.#forms.phrases(lang) };
  }
}
