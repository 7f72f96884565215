/** Draws curves in logarithmic scales, one panel beside the other, as one SVG. */
import { importPeer, peerInstalled } from './context.mjs'

const PACKAGES = ['@observablehq/plot', 'linkedom']
const WIDTH = 460
const HEIGHT = 340
const SVG = 'http://www.w3.org/2000/svg'

/** Whether the packages that draw are there, or why not. */
export function canDraw() {
  const missing = PACKAGES.map(peerInstalled).filter((found) => found !== true)
  return missing.length === 0 || missing.join(', ')
}

/** Through the last point of a curve: what growth in proportion would be. */
function proportional(points) {
  const last = points.at(-1)
  return points.map(({ x, curve }) => ({ x, curve, y: (last.y * x) / last.x }))
}

function panelOf(Plot, document, { title, xLabel, curves }) {
  const of = (map) =>
    curves.flatMap(({ name, points }) => map(points.map((p) => ({ ...p, curve: name }))))
  const heading = (text, options) =>
    Plot.text([text], { frameAnchor: 'top-left', dx: -30, ...options })
  const channels = { x: 'x', y: 'y', stroke: 'curve' }
  return Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 60,
    marginTop: 50,
    marginRight: 70,
    style: { fontSize: '11px' },
    x: { type: 'log', label: xLabel, tickFormat: '~s', ticks: 6 },
    y: { type: 'log', label: null, tickFormat: '~g', grid: true, ticks: 6 },
    marks: [
      heading(title, { dy: -40, fontWeight: 'bold', fontSize: 13 }),
      heading('dashed: in proportion', { dy: -22 }),
      Plot.line(of(proportional), { ...channels, strokeDasharray: '3,4', strokeOpacity: 0.6 }),
      Plot.line(
        of((points) => points),
        channels,
      ),
      Plot.dot(
        of((points) => points),
        { ...channels, fill: 'curve', r: 3 },
      ),
      Plot.text(
        of((points) => points.slice(-1)),
        {
          x: 'x',
          y: 'y',
          text: 'curve',
          fill: 'curve',
          textAnchor: 'start',
          dx: 7,
        },
      ),
    ],
  })
}

/** The text of the picture. A panel has `title`, `xLabel` and `curves` of points. */
export async function pictureOf(panels) {
  const [Plot, { parseHTML }] = await Promise.all(PACKAGES.map(importPeer))
  const { document } = parseHTML('<html><body></body></html>')
  const picture = document.createElementNS(SVG, 'svg')
  const width = WIDTH * panels.length
  picture.setAttribute('xmlns', SVG)
  picture.setAttribute('width', String(width))
  picture.setAttribute('height', String(HEIGHT))
  picture.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`)
  const paper = document.createElementNS(SVG, 'rect')
  paper.setAttribute('width', '100%')
  paper.setAttribute('height', '100%')
  paper.setAttribute('fill', 'white')
  picture.append(paper)
  for (const [index, panel] of panels.entries()) {
    const drawn = panelOf(Plot, document, panel)
    // Rules for a picture that fits itself to a page.
    drawn.querySelector('style').remove()
    drawn.setAttribute('x', String(index * WIDTH))
    picture.append(drawn)
  }
  return `${picture.outerHTML}\n`
}
