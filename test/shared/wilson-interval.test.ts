import fc from "fast-check";
import { wilsonInterval } from "#shared/wilson-interval";

describe("the Wilson interval", () => {
  // R: prop.test(x, n, correct = FALSE)$conf.int
  it.each([
    [8, 10, 0.4901625, 0.9433178],
    [0, 10, 0, 0.2775328],
    [10, 10, 0.7224672, 1],
    [50, 100, 0.4038315, 0.5961685],
  ])("of %i in %i", (successes, total, low, high) => {
    const found = wilsonInterval(successes, total);
    expect(found?.low).toBeCloseTo(low, 6);
    expect(found?.high).toBeCloseTo(high, 6);
  });

  it("says nothing of an empty sample", () => {
    expect(wilsonInterval(0, 0)).toBeNull();
  });

  it("holds the share, stays in 0 to 1, and mirrors", () => {
    const sample = fc
      .integer({ min: 1, max: 5000 })
      .chain((total) => fc.tuple(fc.integer({ min: 0, max: total }), fc.constant(total)));
    fc.assert(
      fc.property(sample, ([successes, total]) => {
        const { value, low, high } = wilsonInterval(successes, total)!;
        const mirror = wilsonInterval(total - successes, total)!;
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(mirror.low).toBeCloseTo(1 - high, 10);
      }),
    );
  });
});
