// The map as a picture for slides: title, map, legend, scale, and whose data it is.

const PICTURE_SCALE = 2;

async function savePicture() {
  const canvasOfAll = drawPicture();
  const blob = await new Promise((done) => canvasOfAll.toBlob(done, "image/png"));
  const link = element("a", { href: URL.createObjectURL(blob), download: `${fileName()}.png` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Titles come out of the data, and some characters may not stand in a file's name.
function fileName() {
  return `${document.title} ${legendTitle()}`.replace(/[\\/:*?"<>|\u0000-\u001f\u200e\u200f\u202a-\u202e]+/g, " ").trim().slice(0, 80) || "map";
}

function legendTitle() {
  return document.querySelector("#legend h3").textContent;
}

function drawPicture() {
  const flat = flattened();
  const [width, mapHeight] = [flat.width / PICTURE_SCALE, flat.height / PICTURE_SCALE];
  const owners = [...data.about.attribution, `${word("page.made_with")} (BSD-2-Clause)`];
  const [top, bottom] = [58, 16 * Math.ceil(owners.join(" · ").length / (width / 6.2)) + 14];
  const made = element("canvas", { width: flat.width, height: (top + mapHeight + bottom) * PICTURE_SCALE });
  const ctx = made.getContext("2d");
  ctx.scale(PICTURE_SCALE, PICTURE_SCALE);
  const style = getComputedStyle(document.documentElement);
  const ink = (name) => style.getPropertyValue(name).trim();
  ctx.fillStyle = ink("--paper");
  ctx.fillRect(0, 0, width, made.height);
  pictureText(ctx, document.title, 14, 25, "600 19px", ink("--ink"), width - 28);
  pictureText(ctx, document.getElementById("subtitle").textContent, 14, 46, "13px", ink("--soft"), width - 28);
  ctx.drawImage(flat, 0, top, width, mapHeight);
  pictureLegend(ctx, top + mapHeight - 12, ink);
  pictureScale(ctx, width - 16, top + mapHeight - 14, ink);
  pictureNorth(ctx, width - 26, top + 14, ink);
  wrapped(ctx, owners.join(" · "), width - 28, "12px").forEach((line, i) => pictureText(ctx, line, 14, top + mapHeight + 20 + 16 * i, "12px", ink("--soft"), width - 28));
  return made;
}

function pictureText(ctx, text, x, y, font, colour, room) {
  setFont(ctx, font);
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y, room);
}

// Lines of whole words where there are any; Chinese breaks anywhere.
function wrapped(ctx, text, room, font) {
  setFont(ctx, font);
  const lines = [""];
  for (const piece of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+/gu) ?? []) {
    if (ctx.measureText(lines[lines.length - 1] + piece).width > room && lines[lines.length - 1]) lines.push("");
    lines[lines.length - 1] += piece;
  }
  return lines;
}

// The legend as it stands on the page, its classes, counts and what it is filtered to.
function pictureLegend(ctx, bottom, ink) {
  const rows = [...document.querySelectorAll("#legend tr")].map((row) => [...row.cells].slice(1).map((cell) => cell.textContent));
  const swatches = classify(state.theme, state.mode).classes;
  const filtered = document.getElementById("filtered");
  const notes = [...[...document.querySelectorAll("#legend .clause, #legend .note")].map((item) => item.textContent),
    filtered.hidden ? "" : [...filtered.querySelectorAll("span")].map((item) => item.textContent).join(" ")].filter(Boolean);
  const inner = 300;
  const heads = wrapped(ctx, legendTitle(), inner, "600 13px");
  const told = notes.flatMap((text) => wrapped(ctx, text, inner, "11.5px"));
  const height = 18 + heads.length * 18 + rows.length * 20 + told.length * 15;
  const [x, y] = [12, bottom - height];
  ctx.fillStyle = ink("--paper");
  ctx.globalAlpha = 0.95;
  ctx.fillRect(x, y, inner + 24, height);
  ctx.globalAlpha = 1;
  let at = y + 18;
  for (const line of heads) { pictureText(ctx, line, x + 12, at, "600 13px", ink("--ink"), inner); at += 18; }
  rows.forEach(([text, ...figures], i) => {
    if (i) pictureSwatch(ctx, swatches[i - 1], x + 12, at - 8);
    pictureText(ctx, text, x + 44, at + 3, "12.5px", ink("--ink"), 150);
    ctx.textAlign = "right";
    figures.forEach((value, column) => ctx.fillText(value, x + 12 + inner - (figures.length - 1 - column) * 54, at + 3, 52));
    at += 20;
  });
  for (const line of told) { pictureText(ctx, line, x + 12, at + 3, "11.5px", ink("--soft"), inner); at += 15; }
}

function pictureSwatch(ctx, { colour, hatch }, x, y) {
  ctx.fillStyle = colour;
  ctx.fillRect(x, y, 24, 15);
  if (!hatch) return;
  ctx.fillStyle = ctx.createPattern(hatchTile(hatch), "repeat");
  ctx.fillRect(x, y, 24, 15);
}

// As long as Leaflet's own scale on the page.
function pictureScale(ctx, right, bottom, ink) {
  const line = document.querySelector(".leaflet-control-scale-line");
  const width = line.offsetWidth;
  ctx.fillStyle = ink("--paper");
  ctx.globalAlpha = 0.85;
  ctx.fillRect(right - width - 6, bottom - 24, width + 12, 30);
  ctx.globalAlpha = 1;
  ctx.fillStyle = ctx.strokeStyle = ink("--ink");
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(right - width, bottom - 6);
  ctx.lineTo(right - width, bottom);
  ctx.lineTo(right, bottom);
  ctx.lineTo(right, bottom - 6);
  ctx.stroke();
  setFont(ctx, "12px");
  ctx.textAlign = "center";
  ctx.fillText(line.textContent, right - width / 2, bottom - 8);
}

function pictureNorth(ctx, x, y, ink) {
  ctx.save();
  ctx.translate(x - 10, y);
  ctx.fillStyle = ink("--ink");
  ctx.strokeStyle = ink("--paper");
  const arrow = new Path2D(document.querySelector("#north path").getAttribute("d"));
  ctx.fill(arrow);
  ctx.stroke(arrow);
  ctx.restore();
  setFont(ctx, "600 12px");
  ctx.textAlign = "center";
  ctx.fillStyle = ink("--ink");
  ctx.fillText(word("page.north"), x, y + 42);
}
