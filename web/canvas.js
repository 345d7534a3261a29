// Sharp canvases in the page's colours.

const NAMES = ["muted", "lane", "waiting", "prefill", "decode", "decode-other", "failed", "preempted"];

let colours = readColours();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  colours = readColours();
});

function readColours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** A colour of style.css by its name. */
export function colour(name) {
  return colours[name];
}

/** The canvas's context in CSS pixels, cleared, with its size. */
export function prepare(canvas) {
  const scale = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const deviceWidth = Math.round(width * scale);
  const deviceHeight = Math.round(height * scale);
  if (canvas.width !== deviceWidth || canvas.height !== deviceHeight) {
    canvas.width = deviceWidth;
    canvas.height = deviceHeight;
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
