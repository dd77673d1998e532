/** A board as the inventory describes it: the part that is about its console. */
export interface Board {
  readonly name: string;
  readonly serial?: {
    readonly usb_serial?: string;
    readonly usb_path?: string;
    readonly usb_interface?: number;
    readonly vendor?: string | number;
    readonly product?: string | number;
    readonly tcp_port?: number;
    readonly baud?: number;
    readonly data_bits?: number;
    readonly parity?: string;
    readonly stop_bits?: number;
    readonly board_powered?: boolean;
  };
}

/** The console of a board that has one. */
export type Serial = NonNullable<Board['serial']>;
