// The handle between the two audits: by mouse, by touch, and by the arrow keys.

const STEPS_OF_KEYS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10 };

function swipeTo(percent) {
  state.swipe = Math.max(0, Math.min(100, percent));
  const handle = document.getElementById("swipe");
  handle.style.left = `${state.swipe}%`;
  handle.setAttribute("aria-valuenow", String(Math.round(state.swipe)));
  handle.setAttribute("aria-valuetext", word("comparison.swipe_at", { n: Math.round(state.swipe) }));
  cutPanes();
}

// Cut away, a pane is neither seen nor clicked.
function cutPanes() {
  const size = map.getSize();
  const from = map.containerPointToLayerPoint([0, 0]);
  const to = map.containerPointToLayerPoint(size);
  const at = from.x + (size.x * state.swipe) / 100;
  const cutTo = (left, right) => `rect(${from.y}px, ${right}px, ${to.y}px, ${left}px)`;
  sides[0].pane.style.clip = cutTo(from.x, at);
  sides[1].pane.style.clip = cutTo(at, to.x);
}

function createSwipe() {
  const handle = document.getElementById("swipe");
  const frameOf = document.getElementById("frame");
  const follow = ({ clientX }) => {
    const { left, width } = frameOf.getBoundingClientRect();
    swipeTo((100 * (clientX - left)) / width);
  };
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    hideTip();
  });
  handle.addEventListener("pointermove", (event) => { if (handle.hasPointerCapture(event.pointerId)) follow(event); });
  handle.addEventListener("keydown", (event) => {
    const end = { Home: 0, End: 100 }[event.key];
    const step = STEPS_OF_KEYS[event.key];
    if (end === undefined && step === undefined) return;
    event.preventDefault();
    swipeTo(end ?? state.swipe + step);
  });
  map.on("move zoomend resize viewreset", cutPanes);
}
