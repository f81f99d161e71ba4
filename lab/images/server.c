/* The lab's test server. On one port of IPv4 and IPv6:
 *   TCP  answers each HTTP request with one line of "name=value" pairs:
 *        pod, node, client (the address and port that it sees), server, path;
 *   UDP  sends the same line back, with what it received as "echo".
 * Usage: server [PORT], 8080 unless given. Pod and node come from POD_NAME and
 * NODE_NAME. A path that starts with "/sleep/N" is answered after N
 * milliseconds, and "/bytes/N" with N bytes, for tests of slow and long answers. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *from_environment(const char *name) {
  const char *value = getenv(name);
  return value ? value : "-";
}

/* "10.0.0.1:80" or "[fd00::1]:80"; an IPv4 peer of the IPv6 socket is shown as IPv4. */
static void describe(const struct sockaddr_in6 *address, char *text, size_t size) {
  char host[INET6_ADDRSTRLEN];
  if (IN6_IS_ADDR_V4MAPPED(&address->sin6_addr)) {
    inet_ntop(AF_INET, &address->sin6_addr.s6_addr[12], host, sizeof host);
    snprintf(text, size, "%s:%d", host, ntohs(address->sin6_port));
  } else {
    inet_ntop(AF_INET6, &address->sin6_addr, host, sizeof host);
    snprintf(text, size, "[%s]:%d", host, ntohs(address->sin6_port));
  }
}

static int listening(int type, int port) {
  int on = 1, off = 0;
  struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_any};
  int socket_ = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
  if (socket_ < 0 || setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
      setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) ||
      (type == SOCK_DGRAM && setsockopt(socket_, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)) ||
      bind(socket_, (struct sockaddr *)&any, sizeof any) || (type == SOCK_STREAM && listen(socket_, 512))) {
    fprintf(stderr, "server: cannot listen on port %d: %s\n", port, strerror(errno));
    exit(1);
  }
  return socket_;
}

static int send_all(int connection, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return -1;
    bytes += sent;
    size -= sent;
  }
  return 0;
}

static int answer(int connection, const char *path, int keep) {
  struct sockaddr_in6 peer, self;
  socklen_t peer_size = sizeof peer, self_size = sizeof self;
  char client[80], server[80], body[1024], head[256];
  if (getpeername(connection, (struct sockaddr *)&peer, &peer_size) ||
      getsockname(connection, (struct sockaddr *)&self, &self_size))
    return -1;
  describe(&peer, client, sizeof client);
  describe(&self, server, sizeof server);

  long milliseconds = 0, bytes = 0;
  if (sscanf(path, "/sleep/%ld", &milliseconds) == 1 && milliseconds > 0 && milliseconds <= 600000)
    nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, 0);
  int long_answer = sscanf(path, "/bytes/%ld", &bytes) == 1 && bytes >= 0;

  snprintf(body, sizeof body, "pod=%s node=%s client=%s server=%s path=%.200s\n", from_environment("POD_NAME"),
           from_environment("NODE_NAME"), client, server, path);
  int head_size = snprintf(head, sizeof head,
                           "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %ld\r\nConnection: %s\r\n\r\n",
                           long_answer ? bytes : (long)strlen(body), keep ? "keep-alive" : "close");
  if (send_all(connection, head, head_size)) return -1;
  if (!long_answer) return send_all(connection, body, strlen(body));
  static const char filling[16384] = {0};
  for (; bytes > 0; bytes -= sizeof filling)
    if (send_all(connection, filling, bytes < (long)sizeof filling ? (size_t)bytes : sizeof filling)) return -1;
  return 0;
}

/* One connection: requests without bodies, one after the other, until the client closes or asks for it. */
static void *serve(void *argument) {
  int connection = (int)(long)argument;
  char request[8192];
  size_t held = 0;
  for (;;) {
    request[held] = 0;
    char *end = strstr(request, "\r\n\r\n");
    if (!end) {
      if (held == sizeof request - 1) break;
      ssize_t got = recv(connection, request + held, sizeof request - 1 - held, 0);
      if (got <= 0) break;
      held += got;
      continue;
    }
    *end = 0;
    int keep = strstr(request, "HTTP/1.1") && !strcasestr(request, "\nconnection: close");
    char path[512] = "-";
    sscanf(request, "%*15s %511s", path);
    if (answer(connection, path, keep) || !keep) break;
    held -= end + 4 - request;
    memmove(request, end + 4, held);
  }
  close(connection);
  return 0;
}

/* The answer leaves from the address that was asked: a client drops one from another address. */
static void echo(int socket_) {
  char received[2048], control[256], text[80], body[4096];
  struct sockaddr_in6 peer;
  struct iovec in = {received, sizeof received - 1};
  struct msghdr message = {.msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &in, .msg_iovlen = 1,
                           .msg_control = control, .msg_controllen = sizeof control};
  ssize_t size = recvmsg(socket_, &message, 0);
  if (size < 0) return;
  received[size] = 0;
  describe(&peer, text, sizeof text);
  int length = snprintf(body, sizeof body, "pod=%s node=%s client=%s echo=%s", from_environment("POD_NAME"),
                        from_environment("NODE_NAME"), text, received);
  struct iovec out = {body, length < (int)sizeof body ? (size_t)length : sizeof body - 1};
  message.msg_iov = &out;
  sendmsg(socket_, &message, 0);
}

static void end(int number) { (void)number; _exit(0); }

int main(int count, char **arguments) {
  int port = count > 1 ? atoi(arguments[1]) : 8080;
  if (port <= 0 || port > 65535) {
    fprintf(stderr, "server: cannot listen on port \"%s\": give a number from 1 to 65535\n", arguments[1]);
    return 2;
  }
  signal(SIGTERM, end); /* process 1 has no default action */
  signal(SIGINT, end);
  int tcp = listening(SOCK_STREAM, port), udp = listening(SOCK_DGRAM, port);
  printf("server: TCP and UDP port %d, pod %s, node %s\n", port, from_environment("POD_NAME"),
         from_environment("NODE_NAME"));
  fflush(stdout);

  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 128 * 1024);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
  struct pollfd watched[] = {{.fd = tcp, .events = POLLIN}, {.fd = udp, .events = POLLIN}};
  for (;;) {
    if (poll(watched, 2, -1) < 0) continue;
    if (watched[1].revents) echo(udp);
    if (!watched[0].revents) continue;
    int connection = accept4(tcp, 0, 0, SOCK_CLOEXEC);
    pthread_t thread;
    if (connection >= 0 && pthread_create(&thread, &small, serve, (void *)(long)connection)) close(connection);
  }
}
