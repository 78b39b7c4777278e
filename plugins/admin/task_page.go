package admin

import (
	"cmp"
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
)

// taskView is how far an act on many is, and what was left out.
type taskView struct {
	Task    *auth.TaskState
	Title   words.Text
	Skipped []skippedRow
}

// skippedRow is somebody, or something, that was left out.
type skippedRow struct {
	Name, Href string
	Reason     words.Text
}

func taskURL(id, part string) string {
	address := tasksPath + "/" + url.PathEscape(id)
	if part != "" {
		address += "/" + part
	}
	return address
}

// taskPage shows a task of whichever plugin. The part with the progress asks for itself
// again until the task is over.
func (s *Service) taskPage(c *plugins.Call) error {
	t, err := s.TaskOf(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	kind, _ := s.host.Tasks.Kind(t.Kind)
	view := taskView{Task: t, Title: cmp.Or(kind.Words, "Task")}
	if view.Skipped, err = s.skippedRows(c, kind, t.Skipped); err != nil {
		return err
	}
	return c.Page(http.StatusOK, view)
}

// skippedRows names what was left out, where its plugin knows names.
func (s *Service) skippedRows(c *plugins.Call, kind auth.TaskKind, skipped []auth.Skipped) ([]skippedRow, error) {
	names := map[string]auth.TaskItem{}
	if kind.Names != nil && len(skipped) > 0 {
		ids := make([]string, len(skipped))
		for i, left := range skipped {
			ids[i] = left.Item
		}
		var err error
		if names, err = kind.Names(c.Context(), ids); err != nil {
			return nil, err
		}
	}
	rows := make([]skippedRow, len(skipped))
	for i, left := range skipped {
		rows[i] = skippedRow{Name: left.Item, Reason: left.Reason}
		if item, known := names[left.Item]; known {
			rows[i].Name, rows[i].Href = item.Name, item.URL
		}
	}
	return rows, nil
}

// stopTaskPage stops a task; what is done stays done.
func (s *Service) stopTaskPage(c *plugins.Call) error {
	stopped, err := s.StopTask(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if stopped {
		c.Flash("good", "Stopped. What is done stays done.")
	}
	return c.SeeOther(taskURL(c.Param("id"), ""))
}
