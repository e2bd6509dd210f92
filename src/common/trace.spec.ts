import { newTraceId, parseTraceparent } from './trace.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('parseTraceparent', () => {
  it.each([
    ['a valid header', `00-${TRACE}-${PARENT}-01`],
    ['a later version with more fields', `cc-${TRACE}-${PARENT}-01-what-comes`],
  ])('continues %s', (_, header) => {
    expect(parseTraceparent(header)).toBe(TRACE);
  });

  it.each([
    ['none', undefined],
    ['an empty header', ''],
    ['upper case', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
    ['version ff', `ff-${TRACE}-${PARENT}-01`],
    ['something after version 00', `00-${TRACE}-${PARENT}-01-x`],
    ['a zero trace', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['a zero parent', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a line break', `00-${TRACE}-${PARENT}-01\nx`],
    ['a long header', `cc-${TRACE}-${PARENT}-01-${'x'.repeat(600)}`],
  ])('ignores %s', (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});

it('makes trace ids that a traceparent can carry', () => {
  const id = newTraceId();
  expect(parseTraceparent(`00-${id}-${PARENT}-00`)).toBe(id);
  expect(newTraceId()).not.toBe(id);
});
