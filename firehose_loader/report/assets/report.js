"use strict";
// Draws the charts of the report from the JSON in the page. Without it, all tables are there.
(() => {
  const NOTHING = -1, ABSENT = -2, ALL_ABSENT = -3; // instead of a number of rows
  const DAY = 86400;
  const MARKS = {
    absent: { symbol: "diamond", size: 12, told: "nothing came" },
    partly: { symbol: "triangle", size: 11, told: "event types missing" },
    late: { symbol: "circle", size: 9, told: "came late" },
  };
  const WORST = ["absent", "partly", "late", "rows"];
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("data").textContent);
  const shown = [];

  // -- words and colours ------------------------------------------------------------------------

  const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const isNarrow = () => !root.classList.contains("paper") && window.innerWidth < 640;
  const number = (value) => value.toLocaleString("en-GB");
  const compact = (value) =>
    Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 }).format(value);
  const at = (seconds) => new Date(seconds * 1000);
  const moment = (seconds) => at(seconds).toISOString().slice(0, 16).replace("T", " ");
  const day = (seconds) =>
    at(seconds).toLocaleDateString("en-GB", {
      weekday: "short", day: "numeric", month: "short", timeZone: "UTC",
    });
  const escaped = (text) =>
    String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const share = (part) => (part < 0.001 ? "< 0.1 %" : `${(100 * part).toFixed(1)} %`);
  const length = (minutes) =>
    minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;

  // -- charts -----------------------------------------------------------------------------------

  /** Keep a chart drawn: `draw` returns its height and its option, each time anew. */
  function show(element, draw) {
    if (!element) return null;
    const chart = echarts.init(element, null, { renderer: "canvas" });
    const redraw = () => {
      const { height, option } = draw(element.clientWidth);
      element.style.height = `${height}px`;
      chart.resize();
      chart.setOption({ ...common(), ...option }, true);
    };
    shown.push({ chart, element, redraw });
    redraw();
    return { chart, redraw };
  }

  function common() {
    return {
      animation: false,
      hoverLayerThreshold: Infinity, // all on one layer and at once: paper does not wait for more
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: color("soft") },
      tooltip: tooltip(null),
    };
  }

  function tooltip(formatter) {
    return {
      confine: true,
      backgroundColor: color("card"),
      borderColor: color("line"),
      textStyle: { color: color("ink"), fontSize: 13 },
      ...(formatter && { formatter }),
    };
  }

  function category(names, more = {}) {
    return {
      type: "category",
      data: names,
      axisTick: { show: false },
      axisLine: { show: false },
      splitLine: { show: false },
      ...more,
      axisLabel: { color: color("soft"), fontSize: isNarrow() ? 10 : 12, ...more.axisLabel },
    };
  }

  function value(more = {}) {
    return {
      type: "value",
      splitLine: { lineStyle: { color: color("line") } },
      axisLabel: { color: color("soft"), formatter: compact },
      ...more,
    };
  }

  /** Cells by state, each `[x, y, shade, what it tells]`, as series of one heat map. */
  function cells(found, cellWidth) {
    const heat = (name, items, more) => ({
      name, type: "heatmap", data: items, progressive: 0, progressiveThreshold: Infinity, emphasis: { disabled: true },
      itemStyle: { borderColor: color("card"), borderWidth: cellWidth < 6 ? 0 : 1 }, ...more,
    });
    const plain = (name) =>
      heat(name, found[name], {
        itemStyle: { color: color(name), borderColor: color("card"), borderWidth: cellWidth < 6 ? 0 : 1 },
      });
    return {
      visualMap: {
        show: false, min: 0, max: 1, dimension: 2, seriesIndex: 0,
        inRange: { color: [color("few"), color("many")] },
      },
      series: [heat("rows", found.rows), plain("late"), plain("partly"), plain("absent"),
        ...Object.keys(MARKS).map((name) => marks(name, found.runs[name]))],
    };
  }

  function marks(name, places) {
    return {
      name: `${name} marks`, type: "scatter", data: places, silent: true, z: 5,
      symbol: MARKS[name].symbol, symbolSize: MARKS[name].size,
      itemStyle: { color: color(name), borderColor: color("card"), borderWidth: 2, opacity: 1 },
    };
  }

  /** Gather cells and where their marks go: in the middle of each run of cells that are alike. */
  function gathering() {
    const found = { rows: [], late: [], partly: [], absent: [], runs: { late: [], partly: [], absent: [] } };
    let run = null;
    const end = () => {
      if (run && run.marked) {
        found.runs[run.state].push([Math.floor((run.first + run.last) / 2), run.y]);
      }
      run = null;
    };
    const add = (x, y, state, shade, told, marked = true) => {
      found[state].push([x, y, shade, told]);
      if (run && (run.state !== state || run.y !== y || run.last + 1 !== x || run.marked !== marked)) end();
      if (state === "rows") return;
      run = run || { state, y, first: x, last: x, marked };
      run.last = x;
    };
    return { found, add, end };
  }

  const shade = (rows, most) => (most > 0 ? Math.sqrt(rows / most) : 0);

  // -- arrivals ---------------------------------------------------------------------------------

  /** What a slot of a line is, and why: `null` where nothing came and nothing was expected. */
  function slotState(source, line, slot) {
    const rows = line.rows[slot];
    if (rows === NOTHING) return null;
    if (rows < 0) return { state: "absent", rows: 0 };
    if (line.type === null) {
      const missing = source.missing.get(slot);
      if (missing) return { state: "partly", rows, missing };
      const late = source.lates.get(slot);
      return late === undefined ? { state: "rows", rows } : { state: "late", rows, late };
    }
    const late = line.lateBy.get(slot) ?? source.lines[0].lateBy.get(slot);
    return late === undefined ? { state: "rows", rows } : { state: "late", rows, late };
  }

  function slotText(source, line, slot, found) {
    const parts = [`<b>${moment(source.start + slot * source.step)}</b>`, escaped(line.type ?? "all event types")];
    if (found.state === "absent") parts.push(`◆ ${MARKS.absent.told}`);
    else parts.push(`${number(found.rows)} rows`);
    if (found.missing) parts.push(`▲ missing: ${found.missing.map(escaped).join(", ")}`);
    if (found.late !== undefined) parts.push(`● ${length(found.late)} late`);
    return parts.join("<br>");
  }

  function calendar(source, chosen, width) {
    const line = source.lines[chosen];
    const most = line.rows.reduce((a, b) => Math.max(a, b), 0);
    const daily = source.step >= DAY;
    const monday = (seconds) => seconds - ((at(seconds).getUTCDay() + 6) % 7) * DAY;
    const row = (seconds) => (daily ? monday(seconds - (seconds % DAY)) : seconds - (seconds % DAY));
    const first = row(source.start);
    const height = daily ? 7 * DAY : DAY;
    const rows = (row(source.start + (source.count - 1) * source.step) - first) / height + 1;
    const columns = daily ? 7 : Math.round(DAY / source.step);
    const { found, add, end } = gathering();
    for (let slot = 0; slot < source.count; slot += 1) {
      const seconds = source.start + slot * source.step;
      const y = (row(seconds) - first) / height;
      const x = daily ? (at(seconds).getUTCDay() + 6) % 7 : Math.floor((seconds % DAY) / source.step);
      const one = slotState(source, line, slot);
      if (one) add(x, y, one.state, shade(one.rows, most), slot);
      else end();
    }
    end();
    const cell = rows > 45 ? 8 : isNarrow() ? 16 : 20;
    const names = daily
      ? ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
      : Array.from({ length: columns }, (_, x) => at(x * source.step).toISOString().slice(11, 16));
    const every = Math.round((isNarrow() ? 6 : 3) * 3600 / source.step);
    return {
      height: rows * cell + 34,
      option: {
        grid: { left: isNarrow() ? 68 : 92, right: 8, top: 24, bottom: 6 },
        xAxis: category(names, {
          position: "top",
          axisLabel: { interval: daily ? 0 : (index) => index % every === 0, showMaxLabel: false },
        }),
        yAxis: category(
          Array.from({ length: rows }, (_, y) => `${daily ? "w/c " : ""}${day(first + y * height)}`),
          { inverse: true, axisLabel: { interval: rows > 45 ? 6 : 0, ...(daily && { fontSize: isNarrow() ? 9 : 11 }) } },
        ),
        tooltip: tooltip(({ value: of }) => slotText(source, line, of[3], slotState(source, line, of[3]))),
        ...cells(found, rows > 45 ? 0 : width / columns),
      },
    };
  }

  function matrix(source, from, slots, width) {
    const left = isNarrow() ? 150 : 236;
    const cell = isNarrow() ? 16 : 19;
    const bins = Math.max(1, Math.min(slots, Math.floor((width - left - 8) / 4)));
    const each = Math.ceil(slots / bins);
    const count = Math.ceil(slots / each);
    const { found, add, end } = gathering();
    const texts = [];
    source.lines.forEach((line, y) => {
      const summed = [];
      for (let bin = 0; bin < count; bin += 1) {
        const stop = Math.min(from + (bin + 1) * each, from + slots);
        const sum = { rows: 0, came: 0, worst: WORST.length, absent: 0, late: 0, all: true };
        for (let slot = from + bin * each; slot < stop; slot += 1) {
          const one = slotState(source, line, slot);
          if (!one) continue;
          sum.rows += one.rows;
          sum.came += one.state === "absent" ? 0 : 1;
          sum.absent += one.state === "absent" ? 1 : 0;
          sum.late += one.late === undefined ? 0 : 1;
          sum.all = sum.all && (one.state !== "absent" || line.rows[slot] === ALL_ABSENT);
          sum.worst = Math.min(sum.worst, WORST.indexOf(one.state));
        }
        summed.push(sum);
      }
      const most = summed.reduce((a, b) => Math.max(a, b.rows), 0);
      summed.forEach((sum, bin) => {
        if (sum.worst === WORST.length) return end();
        const state = WORST[sum.worst];
        const wholeSays = y > 0 && (state === "absent" ? sum.all : state === "late" && !lateAlone(line, from, bin, each));
        texts.push([line, bin, sum]);
        return add(bin, y, state, shade(sum.rows, most), texts.length - 1, !wholeSays);
      });
      end();
    });
    const start = (bin) => source.start + (from + bin * each) * source.step;
    const labels = Array.from({ length: count }, (_, bin) =>
      each * source.step * count > 3 * DAY ? day(start(bin)) : moment(start(bin)).slice(5));
    const every = Math.max(1, Math.ceil((count * (isNarrow() ? 78 : 100)) / (width - left)));
    return {
      height: source.lines.length * cell + 34,
      option: {
        grid: { left, right: 8, top: 24, bottom: 6 },
        xAxis: category(labels, {
          position: "top",
          axisLabel: { interval: (index) => index % every === 0, align: "left", showMaxLabel: false },
        }),
        yAxis: category(source.lines.map((line) => line.type ?? "all event types"), {
          inverse: true,
          axisLabel: { interval: 0, width: left - 10, overflow: "truncate" },
        }),
        tooltip: tooltip(({ value: of }) => {
          const [line, bin, sum] = texts[of[3]];
          const last = Math.min(from + (bin + 1) * each, from + slots) - 1;
          const until = each > 1 ? ` to ${moment(source.start + last * source.step)}` : "";
          const parts = [`<b>${moment(start(bin))}${until}</b>`, escaped(line.type ?? "all event types"),
            `${number(sum.rows)} rows, ${number(sum.came)} slots came`];
          if (sum.absent) parts.push(`◆ ${number(sum.absent)} slots missing`);
          if (sum.late) parts.push(`● ${number(sum.late)} slots late`);
          return parts.join("<br>");
        }),
        ...cells(found, (width - left) / count),
      },
    };
  }

  function lateAlone(line, from, bin, each) {
    for (let slot = from + bin * each; slot < from + (bin + 1) * each; slot += 1) {
      if (line.lateBy.has(slot)) return true;
    }
    return false;
  }

  function arrivals(article) {
    const source = data.sources[Number(article.dataset.source)];
    for (const line of source.lines) line.lateBy = new Map(line.late);
    source.missing = new Map();
    for (const { type, rows } of source.lines.slice(1)) {
      rows.forEach((one, slot) => {
        if (one === ABSENT) source.missing.set(slot, [...(source.missing.get(slot) ?? []), type]);
      });
    }
    source.lates = new Map(source.lines.flatMap((line) => line.late));
    const [type, span, from, label, output] = ["select.type", "select.span", "input", "label.from", "output"]
      .map((one) => article.querySelector(one));
    const slots = () => Number(span.value) === 0
      ? source.count : Math.min(source.count, Math.max(1, Math.round(Number(span.value) / source.step)));
    for (const option of [...span.options].slice(1)) {
      if (Number(option.value) < 2 * source.step || Number(option.value) >= source.count * source.step) option.remove();
    }
    const days = show(article.querySelector(".calendar"), (width) =>
      calendar(source, Number(type.value), width));
    const types = show(article.querySelector(".matrix"), (width) =>
      matrix(source, Math.min(Number(from.value), source.count - slots()), slots(), width));
    type.addEventListener("change", days.redraw);
    const move = () => {
      from.max = source.count - slots();
      label.hidden = slots() === source.count;
      if (label.hidden) from.value = 0;
      output.textContent = moment(source.start + Number(from.value) * source.step);
      types.redraw();
    };
    span.addEventListener("change", move);
    let waiting = 0;
    from.addEventListener("input", () => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(move);
    });
  }

  // -- the other charts -------------------------------------------------------------------------

  function rowsOption() {
    const fates = Object.entries(data.rows.fates).filter(([, counts]) => counts.some((one) => one > 0));
    const hatched = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4, color: color("card") };
    return {
      height: isNarrow() ? 300 : 320,
      option: {
        grid: { left: 8, right: 12, top: isNarrow() ? 64 : 40, bottom: 8, containLabel: true },
        legend: { top: 0, left: 0, textStyle: { color: color("ink") }, itemGap: 14 },
        tooltip: { ...tooltip(null), trigger: "axis", valueFormatter: number },
        xAxis: category(data.rows.bins, { axisLabel: { hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right" } }),
        yAxis: value(),
        series: fates.map(([name, counts]) => ({
          name, type: "bar", stack: "rows", data: counts, barCategoryGap: "15%",
          itemStyle: { color: color(name), ...(["conflicting", "quarantined"].includes(name) && { decal: hatched }) },
        })),
      },
    };
  }

  function bars(names, counts, told) {
    return {
      height: names.length * 26 + 24,
      option: {
        grid: { left: 8, right: isNarrow() ? 110 : 130, top: 4, bottom: 4, containLabel: true },
        xAxis: value({ axisLabel: { show: false }, splitLine: { show: false } }),
        yAxis: category(names, { inverse: true, axisLabel: { interval: 0 } }),
        series: [{
          type: "bar", data: counts, barWidth: "70%", barMinHeight: 2, itemStyle: { color: color("inserted") },
          label: { show: true, position: "right", color: color("ink"), formatter: ({ value: of }) => told(of) },
        }],
      },
    };
  }

  function latenessOption() {
    const chosen = document.getElementById("lateness-type").value;
    const { buckets, types } = data.lateness;
    const counts = buckets.map((_, bucket) =>
      chosen ? types[chosen][bucket] : Object.values(types).reduce((sum, of) => sum + of[bucket], 0));
    const total = counts.reduce((sum, one) => sum + one, 0);
    return bars(buckets, counts, (of) => (of ? `${number(of)}  ·  ${share(of / total)}` : ""));
  }

  function start() {
    document.querySelectorAll("article.source").forEach(arrivals);
    show(document.getElementById("rows-chart"), rowsOption);
    const late = show(document.getElementById("lateness-chart"), latenessOption);
    if (late) document.getElementById("lateness-type").addEventListener("change", late.redraw);
    show(document.getElementById("runs-chart"), () =>
      bars(data.runs.map((one) => one.started), data.runs.map((one) => one.seconds), (of) => `${number(of)} s`));
    root.dataset.drawn = "yes";
  }

  // -- screens, themes, paper -------------------------------------------------------------------

  const redrawAll = () => shown.forEach((one) => one.redraw());
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return; // a phone's bars come and go
    width = window.innerWidth;
    requestAnimationFrame(redrawAll);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  const onPaper = (is) => {
    root.classList.toggle("paper", is);
    for (const { element } of shown) element.style.width = is ? "640px" : "";
    redrawAll();
    for (const { chart } of shown) chart.getZr().flush();
  };
  window.addEventListener("beforeprint", () => onPaper(true));
  window.addEventListener("afterprint", () => onPaper(false));

  start();
})();
