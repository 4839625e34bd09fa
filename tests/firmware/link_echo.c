/*
 * link_echo.c - the codec in C for scripts: reads lines, says what they are.
 *
 * Each line on standard input is written as it would be said again (of either
 * side), or as `refused`, `nak SEQ REASON` or `bad`. With `words` as argument it
 * prints the words of the link instead, one list a line.
 */
#include <stdio.h>
#include <string.h>

#include "tests/firmware/link_again.h"

static void echo_command(const char *text)
{
	struct fe_command c;
	enum fe_reason reason;
	struct fe_text t;

	switch (fe_command_decode(text, &c, &reason)) {
	case FE_COMMAND_OK:
		fe_command_encode(&c, &t);
		fputs(t.s, stdout);
		break;
	case FE_COMMAND_NAK:
		printf("nak %d %s\n", c.seq, fe_reason_word(reason));
		break;
	case FE_COMMAND_BAD:
		printf("refused\n");
		break;
	}
}

static void echo(const char *text)
{
	struct fe_message m;
	struct fe_text t;

	if (fe_message_decode(text, &m) == FE_MESSAGE_BAD) {
		echo_command(text);
	} else if (m.kind == FE_MESSAGE_ID && m.id.protocol != FE_PROTOCOL) {
		printf("protocol %d\n", (int)m.id.protocol);
	} else {
		say_again(&m, &t);
		fputs(t.s, stdout);
	}
}

static void print_words(void)
{
	for (int i = 0; i < FE_N_STATE; i++)
		printf("%s ", fe_state_word((enum fe_state)i));
	printf("\n");
	for (int i = 0; i < FE_N_EVENT; i++)
		printf("%s ", fe_event_word((enum fe_event_name)i));
	printf("\n");
	for (int i = 0; i < FE_N_REASON; i++)
		printf("%s ", fe_reason_word((enum fe_reason)i));
	printf("\n");
	for (int i = 0; i < FE_N_KEY; i++)
		printf("%s ", fe_key_word((enum fe_key)i));
	printf("\nLABEL=%d LEAP_INSERT=%d LEAP_DELETE=%d IN_LEAP=%d START=%d "
	       "PULSE=%d SLEW=%d RUNNING=%d\n",
	       FE_FLAG_LABEL, FE_FLAG_LEAP_INSERT, FE_FLAG_LEAP_DELETE,
	       FE_FLAG_IN_LEAP, FE_FLAG_START, FE_FLAG_PULSE, FE_FLAG_SLEW,
	       FE_FLAG_RUNNING);
}

int main(int argc, char **argv)
{
	struct fe_line line;
	int byte;

	if (argc > 1 && !strcmp(argv[1], "words")) {
		print_words();
		return 0;
	}
	fe_line_init(&line);
	while ((byte = getchar()) != EOF) {
		switch (fe_line_push(&line, (uint8_t)byte)) {
		case FE_LINE_WHOLE:
			echo(line.text);
			break;
		case FE_LINE_BAD:
			printf("bad\n");
			break;
		case FE_LINE_MORE:
			break;
		}
	}
	return 0;
}
