import { PURPOSES } from '#core';
import { dayOf } from './calendar.ts';
import { Draws, STREAM } from './draws.ts';
import type { DemoMembers, DemoPlan } from './members.ts';

export const CONSENT_SOURCES = ['checkout', 'app', 'web', 'call-centre'] as const;

/** Wordings members saw, by the first day of use. */
export const CONSENT_TEXTS = [
  { version: '2019-03', fromDay: 0 },
  { version: '2023-09', fromDay: dayOf('2023-09-01') },
  { version: '2025-06', fromDay: dayOf('2025-06-01') },
] as const;

/** Columns of a batch of events, in this order: positions in the lists above, seconds since the epoch. */
export const CONSENT_COLUMNS = ['member_id', 'purpose', 'granted', 'source', 'text_version', 'said_at'] as const;

/** Share of members who say yes when they join, per purpose in the order of `PURPOSES`. None follows from another. */
const GRANTED_AT_JOINING = [0.93, 0.6, 0.45, 0.33, 0.16, 0.11, 0.09] as const;
/** Of those asked again, how many take a yes back, and how many give one. One member in ten changes their mind. */
const CHANGED_MIND = 0.1;
const WITHDRAWS = 0.6;
const GRANTS_LATER = 0.25;
const COMES_BACK = 0.15;
const SECONDS_PER_DAY = 86_400;

/** One member's events, and the flags that follow from them. Used again for the next member. */
export interface MemberConsent {
  /** Rows of `CONSENT_COLUMNS`, oldest first within a purpose. */
  readonly events: number[][];
  /** Bit p is set when consent to `PURPOSES[p]` is in force. */
  flags: number;
  /** Seconds since the epoch of the last event; −1 without any. */
  changedAt: number;
}

/** The consent of the demo members: an event log, and the state at its end. */
export class Consents {
  readonly #members: DemoMembers;
  readonly #draws: Draws;
  readonly #endSecond: number;
  readonly #consent: MemberConsent = { events: [], flags: 0, changedAt: -1 };

  constructor(plan: DemoPlan, members: DemoMembers) {
    this.#members = members;
    this.#draws = new Draws(plan.seed);
    this.#endSecond = (dayOf(plan.dataThrough) + 1) * SECONDS_PER_DAY;
  }

  /** @param index member number − 1. */
  of(index: number): MemberConsent {
    const draws = this.#draws.start(STREAM.consent, index + 1);
    const joined = (this.#members.joinedDay[index] ?? 0) * SECONDS_PER_DAY + 28_800 + draws.below(43_200);
    this.#consent.events.length = 0;
    this.#consent.flags = 0;
    this.#consent.changedAt = -1;
    const changesMind = draws.chance(CHANGED_MIND);
    for (let purpose = 0; purpose < PURPOSES.length; purpose++) {
      const grants = draws.chance(GRANTED_AT_JOINING[purpose] ?? 0);
      if (grants) this.#say(index, purpose, 1, joined);
      if (changesMind) this.#reconsider(index, purpose, grants, joined);
    }
    return this.#consent;
  }

  #reconsider(index: number, purpose: number, granted: boolean, since: number): void {
    const draws = this.#draws;
    if (!draws.chance(granted ? WITHDRAWS : GRANTS_LATER)) return;
    const at = this.#between(since);
    this.#say(index, purpose, granted ? 0 : 1, at);
    if (granted && draws.chance(COMES_BACK)) this.#say(index, purpose, 1, this.#between(at));
  }

  /** A second after `since`, at the end of the data at the latest. */
  #between(since: number): number {
    return since + 1 + this.#draws.below(this.#endSecond - since - 1);
  }

  #say(index: number, purpose: number, granted: 0 | 1, at: number): void {
    const consent = this.#consent;
    const text = CONSENT_TEXTS.findLastIndex(({ fromDay }) => fromDay * SECONDS_PER_DAY <= at);
    consent.events.push([
      index + 1,
      purpose,
      granted,
      this.#draws.below(CONSENT_SOURCES.length),
      Math.max(text, 0),
      at,
    ]);
    consent.flags = granted === 1 ? consent.flags | (1 << purpose) : consent.flags & ~(1 << purpose);
    consent.changedAt = Math.max(consent.changedAt, at);
  }
}
