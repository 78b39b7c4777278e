package web

import (
	"gatehouse/auth/words"
	"math"
	"strconv"
	"strings"
)

// Charts draw in a box of units that is stretched to its place on the page.
const (
	plotWidth   = 1000.0
	plotHeight  = 250.0
	sparkWidth  = 240.0
	sparkHeight = 40.0
)

// ceiling returns the end of a scale of four whole steps that holds the highest
// value: four times 1, 2, 5, 10, 20, 50 …
func ceiling(highest float64) float64 {
	step := 1.0
	for i := 0; 4*step < highest; i++ {
		step *= []float64{2, 2.5, 2}[i%3]
	}
	return 4 * step
}

func highest(series ...[]float64) float64 {
	top := 0.0
	for _, values := range series {
		for _, value := range values {
			if value > top && !math.IsInf(value, 0) {
				top = value
			}
		}
	}
	return top
}

// finite returns what a chart can draw: no negative, infinite or missing numbers.
func finite(value float64) float64 {
	if math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
		return 0
	}
	return value
}

// number writes a coordinate with at most one decimal.
func number(value float64) string {
	text := strconv.FormatFloat(value, 'f', 1, 64)
	return strings.TrimSuffix(text, ".0")
}

// figure writes a value as people read it.
func figure(value float64) words.Text {
	if value == math.Trunc(value) && math.Abs(value) < 1e15 {
		return words.Number(int(value))
	}
	return words.F("%.1f", value)
}

// tenths is a number with one decimal where it has one, in the reader's writing.
func tenths(value float64) words.Text {
	if tenth := math.Round(value * 10); math.Mod(tenth, 10) == 0 {
		return words.Number(int(tenth / 10))
	}
	return words.F("%.1f", value)
}

// short writes a figure of the scale: 12k, 3M.
func short(value float64) words.Text {
	switch {
	case value >= 1e6:
		return words.F("%sM", tenths(value/1e6))
	case value >= 1e4:
		return words.F("%sk", tenths(value/1e3))
	}
	return figure(value)
}

type point struct{ x, y float64 }

// spread lays values over a width, the first at its start and the last at its
// end, with nought at the bottom and top at the upper edge of a height.
func spread(values []float64, top, width, above, height float64) []point {
	points := make([]point, len(values))
	for i, value := range values {
		x := 0.0
		if len(values) > 1 {
			x = width * float64(i) / float64(len(values)-1)
		}
		points[i] = point{x, above + height*(1-finite(value)/top)}
	}
	return points
}

// path returns the line through the points as path data.
func path(points []point) string {
	var data strings.Builder
	for i, p := range points {
		data.WriteString(map[bool]string{true: "M", false: "L"}[i == 0])
		data.WriteString(number(p.x) + " " + number(p.y))
	}
	return data.String()
}

// area returns the surface between the points and the base line.
func area(points []point, base float64) string {
	if len(points) == 0 {
		return ""
	}
	return path(points) + "L" + number(points[len(points)-1].x) + " " + number(base) + "L" + number(points[0].x) + " " + number(base) + "Z"
}
