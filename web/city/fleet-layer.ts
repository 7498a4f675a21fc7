import type { CustomLayerInterface, CustomRenderMethodInput, Map as LibraryMap } from 'maplibre-gl';
import { systemClock } from '../../runtime/portable.ts';
import { Fleet, FLOATS_PER_COURIER, type FleetCourier } from './fleet.ts';
import type { Place } from '../../protocol/index.ts';

const FLOAT_BYTES = 4;
/** A finger is not a needle. */
const REACH_PIXELS = 14;

const VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform float u_now;
uniform float u_size;
in vec4 a_way;
in vec2 a_time;
in float a_state;
out float v_state;
void main() {
  float part = a_time.y <= a_time.x ? 1.0 : clamp((u_now - a_time.x) / (a_time.y - a_time.x), 0.0, 1.0);
  gl_Position = u_matrix * vec4(mix(a_way.xy, a_way.zw, part), 0.0, 1.0);
  gl_PointSize = a_state < 0.5 ? 0.0 : u_size;
  if (a_state < 0.5) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  v_state = a_state;
}`;
/** Who is available is a disc, who is busy a ring: the colour is not all that tells them apart. */
const FRAGMENT = `#version 300 es
precision highp float;
uniform vec4 u_available;
uniform vec4 u_busy;
uniform vec4 u_edge;
uniform float u_size;
in float v_state;
out vec4 color;
void main() {
  float pixel = 2.0 / u_size;
  float radius = length(gl_PointCoord * 2.0 - 1.0);
  float inside = 1.0 - smoothstep(1.0 - pixel, 1.0, radius);
  float core = 1.0 - smoothstep(0.72 - pixel, 0.72, radius);
  float hole = v_state > 1.5 ? 1.0 - smoothstep(0.32 - pixel, 0.32, radius) : 0.0;
  vec4 own = v_state > 1.5 ? u_busy : u_available;
  vec4 mixed = mix(u_edge, own, core * (1.0 - hole));
  color = mixed * inside;
}`;

export interface FleetColors {
  readonly available: string;
  readonly busy: string;
  readonly edge: string;
}

/** All couriers as one layer: the card moves them, a picture costs the script the same for ten thousand. */
export class FleetLayer implements CustomLayerInterface {
  readonly id = 'fleet';
  readonly type = 'custom' as const;
  readonly renderingMode = '2d' as const;
  readonly fleet: Fleet;
  readonly #startedMs = systemClock.monotonicMs();
  readonly #matrix = new Float32Array(16);
  #colors: FleetColors;
  #map: LibraryMap | null = null;
  #gl: WebGL2RenderingContext | null = null;
  #program: WebGLProgram | null = null;
  #uniforms: Readonly<Record<string, WebGLUniformLocation | null>> = {};
  #buffer: WebGLBuffer | null = null;
  #array: WebGLVertexArrayObject | null = null;
  #bufferFloats = 0;

  constructor(middle: Place, colors: FleetColors) {
    this.fleet = new Fleet(middle);
    this.#colors = colors;
  }

  /** Of the fleet's moves. */
  get seconds(): number {
    return (systemClock.monotonicMs() - this.#startedMs) / 1000;
  }

  recolor(colors: FleetColors): void {
    this.#colors = colors;
    this.#map?.triggerRepaint();
  }

  /** Somebody has moved. */
  changed(): void {
    this.#map?.triggerRepaint();
  }

  /** Whom one means who points there; null: nobody. @param x @param y pixels of the map */
  at({ x, y }: { readonly x: number; readonly y: number }): FleetCourier | null {
    const map = this.#map;
    if (map === null) return null;
    const place = map.unproject([x, y]);
    const [found] = this.fleet.nearest(place, 1, () => true);
    if (found === undefined) return null;
    const { x: atX, y: atY } = map.project(found);
    return Math.hypot(atX - x, atY - y) <= REACH_PIXELS ? found : null;
  }

  onAdd(map: LibraryMap, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    this.#map = map;
    this.#gl = gl;
    const program = linked(gl);
    this.#program = program;
    const names = ['u_matrix', 'u_now', 'u_size', 'u_available', 'u_busy', 'u_edge'];
    this.#uniforms = Object.fromEntries(
      names.map((name) => [name, gl.getUniformLocation(program, name)]),
    );
    this.#buffer = gl.createBuffer();
    this.#array = gl.createVertexArray();
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    const attribute = (name: string, size: number, offset: number): void => {
      const at = gl.getAttribLocation(program, name);
      const stride = FLOATS_PER_COURIER * FLOAT_BYTES;
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, gl.FLOAT, false, stride, offset * FLOAT_BYTES);
    };
    attribute('a_way', 4, 0);
    attribute('a_time', 2, 4);
    attribute('a_state', 1, 6);
    gl.bindVertexArray(null);
  }

  onRemove(): void {
    this.#gl?.deleteBuffer(this.#buffer);
    this.#gl?.deleteVertexArray(this.#array);
    this.#gl?.deleteProgram(this.#program);
    this.#gl = null;
    this.#map = null;
  }

  /** @hot one picture; bench: npm run pages:frames */
  render(
    _context: WebGLRenderingContext | WebGL2RenderingContext,
    { defaultProjectionData }: CustomRenderMethodInput,
  ): void {
    const gl = this.#gl;
    const map = this.#map;
    if (gl === null || map === null || this.fleet.used === 0) return;
    const { seconds } = this;
    const size = sizeAt(map.getZoom()) * devicePixelRatio;
    gl.useProgram(this.#program);
    gl.bindVertexArray(this.#array);
    this.#upload(gl);
    const uniforms = this.#uniforms;
    gl.uniformMatrix4fv(
      uniforms['u_matrix'] ?? null,
      false,
      this.#moved(defaultProjectionData.mainMatrix),
    );
    gl.uniform1f(uniforms['u_now'] ?? null, seconds);
    gl.uniform1f(uniforms['u_size'] ?? null, size);
    gl.uniform4fv(uniforms['u_available'] ?? null, rgba(this.#colors.available));
    gl.uniform4fv(uniforms['u_busy'] ?? null, rgba(this.#colors.busy));
    gl.uniform4fv(uniforms['u_edge'] ?? null, rgba(this.#colors.edge));
    gl.drawArrays(gl.POINTS, 0, this.fleet.used);
    gl.bindVertexArray(null);
    if (this.fleet.movesUntil > seconds) map.triggerRepaint();
  }

  #upload(gl: WebGL2RenderingContext): void {
    const { fleet } = this;
    const dirty = fleet.takeDirty();
    if (dirty === null) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    if (this.#bufferFloats !== fleet.data.length) {
      gl.bufferData(gl.ARRAY_BUFFER, fleet.data, gl.DYNAMIC_DRAW);
      this.#bufferFloats = fleet.data.length;
      return;
    }
    const [from, to] = dirty;
    gl.bufferSubData(gl.ARRAY_BUFFER, from * FLOAT_BYTES, fleet.data, from, to - from);
  }

  /** The map's matrix, with the fleet's origin put in while numbers are still exact. */
  #moved(matrix: ArrayLike<number>): Float32Array {
    const [x, y] = this.fleet.origin;
    const out = this.#matrix;
    for (let i = 0; i < 12; i++) out[i] = matrix[i] ?? 0;
    for (let i = 0; i < 4; i++) {
      out[12 + i] = (matrix[i] ?? 0) * x + (matrix[4 + i] ?? 0) * y + (matrix[12 + i] ?? 0);
    }
    return out;
  }
}

/** From afar a dust of dots, near by something to point at. CSS pixels. */
function sizeAt(zoom: number): number {
  return Math.min(20, Math.max(7, 7 + (zoom - 11) * 2.2));
}

const parsed = new Map<string, Float32Array>();
/** `rgb(1, 2, 3)`, as computed styles have it, to what the card takes. */
function rgba(color: string): Float32Array {
  const known = parsed.get(color);
  if (known !== undefined) return known;
  const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  const made = new Float32Array([r / 255, g / 255, b / 255, 1]);
  parsed.set(color, made);
  return made;
}

function linked(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  const stages = [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const;
  for (const [type, source] of stages) {
    const shader = gl.createShader(type);
    if (shader === null) continue;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) {
    throw new Error(`The layer of couriers does not link: ${gl.getProgramInfoLog(program) ?? ''}`);
  }
  return program;
}
