import { expect, it } from 'vitest';
import { CheckpointClock } from '../../src/runs/checkpointClock.ts';

it('is due five seconds after the start, then each minute, and after edits', () => {
  const clock = new CheckpointClock(0, 0);
  clock.step(3);
  expect(clock.wants('step', 4999)).toBe(false);
  expect(clock.wants('step', 5000)).toBe(true);
  expect(clock.take(3, 5100)).toBe(true);
  clock.step(9);
  expect(clock.wants('step', 65_000)).toBe(false);
  expect(clock.wants('step', 65_100)).toBe(true);
  expect(clock.take(9, 65_100)).toBe(true);
  clock.edited();
  expect(clock.wants('step', 67_000)).toBe(false);
  expect(clock.wants('step', 67_100)).toBe(true);
});

it('is due at a halt where steps were taken since the last', () => {
  const clock = new CheckpointClock(0, 7);
  expect(clock.wants('halt', 9000)).toBe(false);
  clock.step(8);
  expect(clock.wants('halt', 9000)).toBe(true);
  expect(clock.take(8, 9000)).toBe(true);
  expect(clock.wants('halt', 19_000)).toBe(false);
});

it('is due at the end of the run however soon, and once', () => {
  const clock = new CheckpointClock(0, 0);
  clock.step(30);
  expect(clock.wants('halt', 400)).toBe(false);
  expect(clock.wants('end', 400)).toBe(true);
  expect(clock.take(30, 400)).toBe(true);
  expect(clock.wants('end', 90_000)).toBe(false);
});

it('takes a state that was read for others only where it is due', () => {
  const clock = new CheckpointClock(0, 0);
  clock.step(5);
  expect(clock.take(5, 1000)).toBe(false);
  expect(clock.take(5, 6000)).toBe(true);
  expect(clock.take(6, 7000)).toBe(false);
});

it('leaves training 98.75 % of the time, however much one takes and however often a person edits', () => {
  const clock = new CheckpointClock(0, 0);
  clock.step(5);
  expect(clock.take(5, 6000)).toBe(true);
  clock.took(3000);
  clock.step(6);
  clock.edited();
  expect(clock.wants('step', 245_999)).toBe(false);
  expect(clock.wants('step', 246_000)).toBe(true);
  clock.took(100);
  expect(clock.wants('step', 14_000)).toBe(true);
});
