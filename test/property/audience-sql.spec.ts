import fc from 'fast-check';
import { leafTypes } from '../../libs/audience/ast.ts';
import { questionArbitrary } from './audience-arbitrary.ts';
import { AudienceEvaluator } from './audience-evaluator.ts';
import type { Question } from './audience-evaluator.ts';
import { openDemoFile } from './demo-file.ts';
import type { DemoFile } from './demo-file.ts';
import { FAULTY_EVALUATORS } from './faulty-evaluators.ts';
import type { Retail } from './retail.ts';
import { SqlCounter } from './sql-count.ts';
import { largeManufacturers, vocabularyOf } from './vocabulary.ts';

const MEMBERS = 1_500;
const QUESTIONS = 600;
const SEED = 20_260_301;

const GROUPS = ['all', 'any', 'none', 'atLeast'];
const PARTS = ['lastDays', 'lastMonths', 'from', 'gtins', 'brands', 'categories', 'channels'];
const BOUNDS = ['min', 'max', 'minCents', 'maxCents', 'minDaysAgo', 'maxDaysAgo'];

/** An audience with the count of the compiled SQL and the count by the words of the language. */
interface Answer {
  readonly question: Question;
  readonly sql: number;
  readonly words: number;
  /** Members of the country who consent to the purposes. */
  readonly all: number;
}

const consenting = ({ members }: Retail, { definition, purposes }: Question): number =>
  members.filter(
    ({ country, consents }) => country === definition.country && purposes.every((each) => consents.has(each)),
  ).length;

let demo: DemoFile;
const answers: Answer[] = [];
let refuted: string | undefined;

beforeAll(async () => {
  demo = await openDemoFile(MEMBERS);
  const { retail, warehouse } = demo;
  const { wide, narrow } = largeManufacturers(retail);
  const questions = fc.oneof(
    { weight: 3, arbitrary: questionArbitrary(vocabularyOf(retail, wide, 'FR')) },
    { weight: 2, arbitrary: questionArbitrary(vocabularyOf(retail, narrow, 'FR')) },
    { weight: 1, arbitrary: questionArbitrary(vocabularyOf(retail, wide, 'ES')) },
  );
  const counter = await SqlCounter.over(warehouse);
  const evaluator = new AudienceEvaluator(retail);
  const agree = fc.asyncProperty(questions, async (question) => {
    const [sql, words] = [await counter.count(question), evaluator.count(question)];
    answers.push({ question, sql, words, all: consenting(retail, question) });
    if (sql !== words) throw new Error(`SQL counts ${sql}, the words say ${words}`);
  });
  // Checked here and judged below, so that the answers serve the controls as well.
  refuted = fc.defaultReportMessage(await fc.check(agree, { numRuns: QUESTIONS, seed: SEED }));
}, 120_000);

afterAll(() => demo?.close());

it(`the compiled SQL counts what the words of the language say, for ${QUESTIONS} random audiences`, () => {
  expect(refuted).toBeUndefined();
  expect(answers).toHaveLength(QUESTIONS);
});

describe('the random audiences', () => {
  it('are mostly neither empty nor everybody', () => {
    const telling = answers.filter(({ words, all }) => words > 0 && words < all);
    expect(telling.length / answers.length).toBeGreaterThanOrEqual(0.5);
  });

  it.each([...leafTypes(), ...GROUPS, ...PARTS, ...BOUNDS])('use %s at least 30 times', (word) => {
    const using = answers.filter(({ question }) => JSON.stringify(question.definition).includes(`"${word}":`));
    expect(using.length).toBeGreaterThanOrEqual(30);
  });

  it.each(Object.entries(FAULTY_EVALUATORS))('would tell that %s', (_, FaultyEvaluator) => {
    const faulty = new FaultyEvaluator(demo.retail);
    expect(answers.some(({ question, sql }) => faulty.count(question) !== sql)).toBe(true);
  });
});
