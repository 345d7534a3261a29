/** Puts labels beside points so that none covers a point, a label or the edge. Everything in pixels. */

export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Placed {
  /** The label's middle. */
  readonly x: number;
  readonly y: number;
  /** So far from its point that a line must join them: where on the label's edge that line ends. */
  readonly leader: { readonly x: number; readonly y: number } | undefined;
}

interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const POINT_RADIUS = 6;
const GAP = 3;
/** Side of the squares that stand for a line. */
const BEAD = 4;
/** Rings around the point, in pixels, and directions on each: near ones first. */
const RINGS = [0, 10, 20, 32, 46, 62, 80, 100, 125, 150];
const DIRECTIONS = 16;

/**
 * Greedy: points with the most neighbours choose first. A label for which no free place is found takes the one that
 * covers least.
 *
 * @param area width and height of the drawing, which no label may leave
 */
export function placeLabels(anchors: readonly Anchor[], area: { width: number; height: number }): Placed[] {
  const taken: Rectangle[] = anchors.map(({ x, y }) => around(x, y, 2 * POINT_RADIUS, 2 * POINT_RADIUS));
  const placed = new Map<number, Placed>();
  const order = anchors.map((_, i) => i).sort((a, b) => crowding(anchors, b) - crowding(anchors, a) || a - b);
  for (const index of order) {
    const anchor = anchors[index]!;
    const best = candidates(anchor)
      .map((candidate) => ({ ...candidate, cost: costOf(candidate, anchor, taken, area) }))
      .reduce((a, b) => (b.cost < a.cost ? b : a));
    const label = around(best.x, best.y, anchor.width + GAP, anchor.height);
    const leader = best.distance > 0 ? nearest(label, anchor) : undefined;
    taken.push(label, ...(leader ? beads(anchor, leader) : []));
    placed.set(index, { x: best.x, y: best.y, leader });
  }
  return anchors.map((_, i) => placed.get(i)!);
}

function candidates(anchor: Anchor): { x: number; y: number; distance: number }[] {
  return RINGS.flatMap((distance) =>
    Array.from({ length: DIRECTIONS }, (_, i) => {
      const angle = (2 * Math.PI * i) / DIRECTIONS;
      // The label touches the ring with the side that faces the point.
      const x = anchor.x + Math.cos(angle) * (POINT_RADIUS + GAP + distance + anchor.width / 2);
      const y = anchor.y + Math.sin(angle) * (POINT_RADIUS + GAP + distance + anchor.height / 2);
      return { x, y, distance };
    }),
  );
}

/** A label that covers something cannot be read; a line that crosses something can. */
const COVERING_COSTS = 50;

/** Pixels that the label and its line would share with what is there already; distance breaks ties. */
function costOf(
  candidate: { x: number; y: number; distance: number },
  anchor: Anchor,
  taken: readonly Rectangle[],
  area: { width: number; height: number },
): number {
  const label = around(candidate.x, candidate.y, anchor.width, anchor.height);
  const outside =
    Math.max(0, -label.left) +
    Math.max(0, -label.top) +
    Math.max(0, label.right - area.width) +
    Math.max(0, label.bottom - area.height);
  const line = candidate.distance > 0 ? beads(anchor, nearest(label, anchor)) : [];
  const covered = (piece: Rectangle): number => taken.reduce((sum, other) => sum + overlap(piece, other), 0);
  const crossed = line.reduce((sum, bead) => sum + covered(bead), 0);
  return outside * 1000 + covered(label) * COVERING_COSTS + crossed + candidate.distance / 20;
}

/** The place on the rectangle's edge that is nearest to a point. */
function nearest(rectangle: Rectangle, point: { x: number; y: number }): { x: number; y: number } {
  return {
    x: Math.min(Math.max(point.x, rectangle.left), rectangle.right),
    y: Math.min(Math.max(point.y, rectangle.top), rectangle.bottom),
  };
}

/** A line as small squares, without its first pixels, which lie under the point. */
function beads(from: { x: number; y: number }, to: { x: number; y: number }): Rectangle[] {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const count = Math.max(0, Math.floor((length - POINT_RADIUS) / BEAD));
  return Array.from({ length: count }, (_, i) => {
    const share = (POINT_RADIUS + BEAD * i) / length;
    return around(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share, BEAD, BEAD);
  });
}

function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

function around(x: number, y: number, width: number, height: number): Rectangle {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

function crowding(anchors: readonly Anchor[], index: number): number {
  const own = anchors[index]!;
  return anchors.filter((other) => Math.hypot(other.x - own.x, other.y - own.y) < 80).length;
}
