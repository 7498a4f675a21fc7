import 'uplot/dist/uPlot.min.css';
/** The library for charts, loaded when there are any. */
export { default as Plot } from 'uplot';
