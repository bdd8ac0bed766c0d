package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"
)

// answer is what comes back from a control socket.
type answer struct {
	Text  string `json:"text,omitempty"`
	Error string `json:"error,omitempty"`
}

// serve answers the orders that arrive on a socket: one JSON array of words a connection, one answer.
func serve(listener net.Listener, obey func(words []string) (string, error)) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			var words []string
			if err := json.NewDecoder(bufio.NewReader(io.LimitReader(connection, 1<<20))).Decode(&words); err != nil || len(words) == 0 {
				return
			}
			text, err := obey(words)
			reply := answer{Text: text}
			if err != nil {
				reply.Error = err.Error()
			}
			_ = json.NewEncoder(connection).Encode(reply)
		}()
	}
}

// tell sends an order to a control socket and returns its answer.
func tell(socket string, words []string) (string, error) {
	connection, err := net.DialTimeout("unix", socket, 5*time.Second)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	if err := json.NewEncoder(connection).Encode(words); err != nil {
		return "", err
	}
	var reply answer
	if err := json.NewDecoder(connection).Decode(&reply); err != nil {
		return "", fmt.Errorf("no answer: %w", err)
	}
	if reply.Error != "" {
		return "", fmt.Errorf("%s", reply.Error)
	}
	return reply.Text, nil
}

const controlUsage = `control-plane control --dir D COMMAND

  silence NODE               its kubelet neither hears the API server nor reports; what runs, runs on
  resume NODE [rebooted]     it is heard again; rebooted: its containers were lost meanwhile (exit code 255)
  exit POD CODE              the containers of a running pod end now with this code (POD: NAME or NAMESPACE/NAME)
  ready POD true|false       what the readiness probe of a running pod says from now on, until its containers end
  table FILE                 another table: for pods that are taken on from now on; nodes stay as they are
  kill-controller-manager | start-controller-manager | restart-controller-manager
  kill-scheduler | start-scheduler | restart-scheduler
  list                       nodes and pods as the kubelets see them, and the parts that run

D is the folder that control-plane run was given or printed; REHEARSAL_CONTROL_PLANE names it, too (in --exec).
`

// runControl is the command control.
func runControl(args []string) int {
	folder := os.Getenv("REHEARSAL_CONTROL_PLANE")
	if len(args) >= 2 && args[0] == "--dir" {
		folder, args = args[1], args[2:]
	}
	if len(args) > 0 && (args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
		fmt.Print(controlUsage)
		return 0
	}
	if folder == "" || len(args) == 0 {
		fmt.Fprint(os.Stderr, controlUsage)
		return 2
	}
	if args[0] == "table" && len(args) == 2 { // the other side has another working folder
		if path, err := filepath.Abs(args[1]); err == nil {
			args[1] = path
		}
	}
	socket := filepath.Join(folder, controlSocket)
	if _, err := os.Stat(socket); err != nil {
		return fail(2, "no control plane is ready in %s", folder)
	}
	text, err := tell(socket, args)
	if err != nil {
		return fail(1, "%v", err)
	}
	fmt.Print(text)
	return 0
}
