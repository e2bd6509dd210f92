import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Purpose } from '#core';
import { demoLoyaltyNumber } from '#demo';
import { questionArbitrary } from './audience-arbitrary.ts';
import { AudienceEvaluator } from './audience-evaluator.ts';
import type { Question } from './audience-evaluator.ts';
import { DEMO_SEED, openDemoFile } from './demo-file.ts';
import type { DemoFile } from './demo-file.ts';
import type { Member } from './retail.ts';
import { SqlCounter } from './sql-count.ts';
import { largeManufacturers, vocabularyOf } from './vocabulary.ts';

const MEMBERS = 900;
const QUESTIONS = 40;
const SEED = 20_260_303;

/** After the demo retailer's last consent event. */
const NOW = Date.parse('2025-09-10T10:00:00Z');

let demo: DemoFile;
let evaluator: AudienceEvaluator;
let questions: readonly Question[];
/** For each question the ids of the members who match it, consenting or not. */
let matching: readonly ReadonlySet<number>[];
let minutes = 0;

beforeAll(async () => {
  demo = await openDemoFile(MEMBERS);
  const { wide } = largeManufacturers(demo.retail);
  evaluator = new AudienceEvaluator(demo.retail);
  questions = fc
    .sample(questionArbitrary(vocabularyOf(demo.retail, wide, 'FR')), { numRuns: 4 * QUESTIONS, seed: SEED })
    .filter((question) => evaluator.count(question) > 0)
    .slice(0, QUESTIONS);
  matching = questions.map((question) => new Set([...evaluator.matching(question)].map(({ id }) => id)));
});

afterAll(() => demo?.close());

/** Members say yes or no, a minute after whoever spoke before them. */
async function say(members: readonly Member[], purpose: Purpose, status: 'granted' | 'withdrawn'): Promise<void> {
  minutes += 1;
  const now = NOW + 60_000 * minutes;
  const events = members.map(({ id }) => ({
    loyaltyIdSha256: createHash('sha256').update(demoLoyaltyNumber(DEMO_SEED, id)).digest('hex'),
    purpose,
    status,
    source: 'app',
    textVersion: '2025-06',
    at: new Date(now).toISOString(),
  }));
  const { applied } = await demo.warehouse.recordConsent(events, now);
  expect(applied).toBe(members.length);
}

async function counts(): Promise<number[]> {
  const counter = await SqlCounter.over(demo.warehouse);
  const counted: number[] = [];
  for (const question of questions) counted.push(await counter.count(question));
  return counted;
}

/** 1 for each question that counts the member because of this purpose, else 0. */
const countedIn = (member: Member, purpose: Purpose): number[] =>
  questions.map(({ purposes }, index) => {
    const rests = purposes.includes(purpose) && purposes.every((each) => member.consents.has(each));
    return rests && matching[index]?.has(member.id) ? 1 : 0;
  });

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Consenting members of the country, those first whom most questions count. */
const mostCounted = (purpose: Purpose): Member[] =>
  evaluator
    .membersOf('FR')
    .map((member) => ({ member, times: sum(countedIn(member, purpose)) }))
    .toSorted((a, b) => b.times - a.times)
    .map(({ member }) => member);

it.each<Purpose>(['audience_measurement', 'personalised_offers', 'ads_open_web'])(
  'a member who withdraws %s lowers by one each count that rested on it, and no other, until granting it again',
  async (purpose) => {
    const before = await counts();
    for (const member of mostCounted(purpose).slice(0, 3)) {
      const counted = countedIn(member, purpose);
      expect(sum(counted)).toBeGreaterThan(0);
      await say([member], purpose, 'withdrawn');
      expect(await counts()).toEqual(before.map((count, index) => count - (counted[index] ?? 0)));
      await say([member], purpose, 'granted');
      expect(await counts()).toEqual(before);
    }
  },
);

it('nobody counts without consent to measurement', async () => {
  const [last, ...others] = mostCounted('audience_measurement');
  if (last === undefined) throw new Error('nobody is counted');
  await say(others, 'audience_measurement', 'withdrawn');
  expect(await counts()).toEqual(countedIn(last, 'audience_measurement'));
  await say([last], 'audience_measurement', 'withdrawn');
  expect(sum(await counts())).toBe(0);
});
