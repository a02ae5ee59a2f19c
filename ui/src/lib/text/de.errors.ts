import type { AnsweredCode } from '#contract/error.catalogue';

/**
 * The API's errors in German, by their codes: what is wrong and what to do. Names and numbers are in the
 * API's own message, which is shown below.
 */
export const errors: Readonly<Record<AnsweredCode, string>> = {
  // The song and the clips
  ClipWithoutFrames: 'Das Video enthält keine Bilder. Exportiere es neu.',
  DamagedMedia:
    'Die Datei lässt sich nicht bis zum Ende abspielen, sie ist beschädigt. Exportiere oder lade sie neu.',
  EmptyFile: 'Die Datei ist leer. Wähle eine andere.',
  FileTooLarge: 'Die Datei ist größer, als dieses Studio sie annimmt. Nimm eine kleinere.',
  HdrNotSupported:
    'HDR-Bilder kann das ffmpeg dieses Studios nicht umrechnen. Exportiere das Video ohne HDR (SDR).',
  InvalidSlice:
    'Dieser Abschnitt liegt nicht im Song. Versuche es noch einmal; bleibt es dabei, lade den Song neu hoch.',
  MediaNeedsTooMuchMemory:
    'Die Datei braucht mehr Arbeitsspeicher als erlaubt. Vielleicht ist sie beschädigt oder hat sehr große Bilder: exportiere sie neu oder kleiner.',
  MediaOutputTooLarge: 'Das Ergebnis wurde zu groß. Nimm eine kürzere Datei.',
  MediaProgramKilled:
    'Die Arbeit wurde von außen beendet, vielleicht weil der Arbeitsspeicher knapp war. Versuche es noch einmal.',
  MediaStepFailed:
    'Die Datei konnte nicht verarbeitet werden. Vielleicht ist sie beschädigt: versuche es noch einmal oder exportiere sie neu.',
  MediaStepTimedOut:
    'Es dauerte zu lange. Vielleicht ist der Computer beschäftigt: versuche es noch einmal. Hilft das nicht, exportiere die Datei kürzer oder kleiner.',
  MediaTooLong: 'Die Datei ist zu lang. Nimm eine kürzere.',
  MediaTooShort: 'Die Datei ist zu kurz. Nimm eine längere.',
  NoFaceFound:
    'In diesem Clip wurde kein Gesicht gefunden. Nimm einen Clip, in dem ein Gesicht zur Kamera schaut, mindestens 48 Pixel hoch und weder ganz im Dunkeln noch verdeckt ist.',
  NoSound: 'Die Datei hat keinen Ton. Wähle eine Datei mit Ton.',
  NoVideo: 'Die Datei hat kein Bild. Wähle ein Video.',
  NotAnImage: 'Die Datei ist kein Bild, das hier gelesen werden kann. Nimm ein JPEG, PNG oder WebP.',
  NotWav: 'Der gespeicherte Song ist nicht lesbar. Lade ihn noch einmal hoch.',
  NotMedia: 'Die Datei ist weder Ton noch Video. Wähle eine andere.',
  PictureTooLarge: 'Die Bilder sind zu groß. Nimm eine kleinere Datei.',
  PictureTooSmall: 'Die Bilder sind zu klein. Nimm eine größere Datei.',
  PlaylistNotMedia: 'Das ist eine Abspielliste, kein Ton und kein Video. Wähle die Datei selbst.',
  TooManyTracks: 'Die Datei hat zu viele Spuren. Exportiere sie mit einer Bild- und einer Tonspur.',
  UnreadableAudio:
    'Der Ton ist leer oder nicht lesbar. Wähle eine Datei mit Ton, die sich anderswo abspielen lässt.',
  UnreadableVideo:
    'Das Video ist nicht lesbar. Prüfe, ob es sich anderswo abspielen lässt, oder wandle es in MP4 (H.264) um.',
  UnsupportedMedia: 'Dateien dieser Art werden hier nicht gelesen. Wandle sie vorher um.',

  // Uploads, downloads, room
  DiskNearlyFull: 'Die Festplatte des Studios ist fast voll. Schaffe Platz und versuche es noch einmal.',
  DownloadDamaged: 'Die Datei kam nicht ganz aus dem S3-Speicher. Versuche es noch einmal.',
  FileChanged:
    'Die Datei wurde verändert, bevor sie gespeichert war. Sie bleibt, wie sie ist; lade sie noch einmal hoch.',
  FileLost:
    'Die Datei wurde gelöscht, bevor sie im S3-Speicher war. Lade sie noch einmal hoch oder mache sie neu.',
  FileUnreadable:
    'Die Datei kann auf diesem Computer nicht gelesen werden. Prüfe die Festplatte und versuche es noch einmal.',
  LocalFileUnreadable:
    'Die Datei kann auf diesem Computer nicht gelesen werden. Prüfe die Festplatte und versuche es noch einmal.',
  NoFile: 'Es kam keine Datei an. Wähle eine und lade sie hoch.',
  ObjectNotFound: 'Diese Datei liegt nicht im Speicher; vielleicht wurde sie gelöscht. Lade die Seite neu.',
  PathNotAllowed:
    'Diese Datei liegt nicht im Medienordner des Studios und wird nicht angefasst. Wer das Studio betreibt, findet den Grund unten.',
  RangeNotSatisfiable: 'Diesen Teil hat die Datei nicht. Lade die Seite neu.',
  StorageRefused:
    'Der S3-Speicher hat es abgelehnt. Es geht nichts verloren; wer das Studio betreibt, findet den Grund unten.',
  StorageTimeout: 'Der S3-Speicher war zu langsam. Es geht nichts verloren; versuche es noch einmal.',
  StorageUnavailable:
    'Der S3-Speicher ist nicht erreichbar. Es geht nichts verloren; versuche es noch einmal.',
  TooManyUploads:
    'Zu viele deiner Uploads sind noch nicht fertig. Warte, bis einige fertig sind, oder brich welche ab.',
  UploadBroken: 'Die Datei kam nicht ganz an. Es wurde nichts behalten; lade sie noch einmal hoch.',
  UploadBusy:
    'Diese Datei wird gerade schon hochgeladen, vielleicht in einem anderen Tab. Warte, bis das fertig ist.',
  UploadFailed:
    'Die Datei ist noch nicht im S3-Speicher. Sie bleibt auf diesem Computer, und es wird von selbst weiter versucht.',
  UploadLost: 'Die hochgeladene Datei kann nicht gespeichert werden. Lade sie noch einmal hoch.',
  UploadNotConfirmed:
    'Der S3-Speicher hat die Datei nicht so, wie sie gesendet wurde. Sie bleibt auf diesem Computer; versuche es noch einmal.',
  UploadProtocol:
    'Das Hochladen verlief nicht, wie das Protokoll es verlangt. Lade die Datei noch einmal hoch.',
  UploadStalled: 'Vom Upload kam lange nichts mehr an. Lade die Datei noch einmal hoch.',
  UrlNotAllowed:
    'Diese Adresse darf nicht gelesen werden. Gib die http- oder https-Adresse eines öffentlichen Servers an.',
  UrlNotFetched: 'Die Adresse ließ sich nicht lesen. Prüfe, ob sie sich im Browser öffnen lässt.',
  UrlNotFound: 'Einen Server mit diesem Namen gibt es nicht. Prüfe die Adresse.',
  UrlTimeout: 'Der Server dieser Adresse war zu langsam. Versuche es noch einmal oder lade die Datei hoch.',
  UrlTooLarge: 'Die Datei unter dieser Adresse ist zu groß. Nimm eine kleinere.',

  // Projects, scenes, jobs
  AudioNotFound: 'Diesen Song gibt es nicht oder nicht mehr. Wähle den Song eines Projekts.',
  BadOrder:
    'In der Reihenfolge muss jede Szene genau einmal vorkommen. Lade die Seite neu und ordne noch einmal.',
  BadSequence: 'An dieser Stelle kann keine Szene stehen. Lade die Seite neu und wähle eine andere Stelle.',
  BadText:
    'Ein Text enthält ein Zeichen, das nicht gespeichert werden kann (NUL oder ein halbes Zeichen). Entferne es.',
  BadWindow: 'Der Clip hat an dieser Stelle kein Bild mehr. Wähle einen früheren Anfang.',
  ClipNotFitted: 'Der Clip konnte nicht an die Szene angepasst werden. Versuche es dort erneut.',
  BadTrim: 'Dieser Schnitt liegt nicht im Clip. Setze den Anfang vor das Ende, beide in den Clip.',
  TooManyMedia: 'Das Projekt hat so viele Medien ohne Szene, wie es haben kann. Lösche einige.',
  TooManyScenes:
    'Mehr Szenen kann ein Projekt nicht haben. Lösche welche oder mache in einem anderen Projekt weiter.',
  TooManyJobs: 'Es warten schon zu viele Aufträge. Warte, bis einige fertig sind, oder brich welche ab.',
  ComposeIncomplete: 'Das fertige Video ist nicht vollständig. Erstelle es noch einmal.',
  DatabaseWaiting: 'Die Datenbank war nicht erreichbar. Der Auftrag geht weiter, sobald sie wieder da ist.',
  ExportFormatUnknown: 'Dieses Exportformat gibt es nicht.',
  MediaInUse: 'Eine Szene zeigt dieses Medium. Ersetze es dort zuerst.',
  MediaNotFound: 'Dieses Medium gibt es im Projekt nicht mehr.',
  OtherKindOfMedia: 'Ein Clip lässt sich nur durch einen Clip ersetzen, ein Bild nur durch ein Bild.',
  FormatInUse:
    'Das Format kann nicht mehr geändert werden, weil es schon Clips darin gibt. Lege ein neues Projekt im anderen Format an.',
  FramesMissing:
    'Dem fertigen Video fehlen Bilder. Erstelle es noch einmal; bleibt es so, lade die Clips neu hoch.',
  InternalError: 'Im Studio ist etwas schiefgegangen. Versuche es noch einmal.',
  JobAbandoned: 'Das Studio wurde beendet, bevor alles für diesen Auftrag da war. Starte ihn neu.',
  JobAlreadyEnded: 'Der Auftrag ist schon zu Ende.',
  JobCanceled: 'Der Auftrag wurde abgebrochen; es hat sich nichts geändert.',
  JobIncomplete:
    'Dem Auftrag fehlt das Projekt oder die Szene. Starte die Arbeit neu; bleibt es dabei, melde diesen Auftrag.',
  JobLeftOpen: 'Der Auftrag endete ohne Ergebnis. Versuche es noch einmal.',
  JobNotFound: 'Diesen Auftrag gibt es nicht mehr.',
  JobNotRetryable: 'Dieser Auftrag lässt sich nicht wiederholen. Starte ihn neu.',
  NoFinalVideo: 'Dieses Projekt hat noch kein fertiges Video. Erstelle es zuerst.',
  NothingToCompose:
    'Es gibt noch keinen Clip, aus dem ein Video werden kann. Füge eine Szene mit einem Clip hinzu.',
  NotInBin: 'Das liegt nicht mehr im Papierkorb. Vielleicht hat es jemand anders wiederhergestellt.',
  NothingToRedo: 'Es gibt nichts zu wiederholen.',
  NothingToUndo: 'Es gibt nichts rückgängig zu machen.',
  TimelineChanged:
    'Jemand anders hat inzwischen etwas geändert. Sieh es dir an und versuche es dann noch einmal.',
  ProjectBusy: 'An diesem Projekt wird noch gearbeitet. Warte, bis das fertig ist, oder brich es ab.',
  ProjectHasNoScenes: 'Dieses Projekt hat noch keine Szenen. Füge Szenen mit Clips hinzu.',
  ProjectHasNoSong: 'Dieses Projekt hat noch keinen Song. Lade zuerst einen hoch.',
  ProjectHasScenes: 'Das Projekt hat schon Szenen; vorgeschlagen wird nur in einem leeren.',
  MediaUrlEnded: 'Diese Adresse ist abgelaufen, oder ihr Zugang wurde gesperrt. Lade die Seite neu.',
  MediaUrlInvalid: 'Diese Adresse stammt nicht von diesem Studio. Lade die Seite neu.',
  ProjectNotFound: 'Dieses Projekt gibt es nicht oder nicht mehr.',
  SampleNotMade:
    'Bilder und Song des Beispiels konnten nicht gemacht werden. Prüfe den freien Platz und versuche es noch einmal.',
  SceneBusy: 'An dieser Szene wird noch gearbeitet. Warte, bis das fertig ist, oder brich es ab.',
  RollOutside: 'So weit lässt sich der Schnitt nicht verschieben, jede Szene braucht mindestens ein Bild.',
  SceneHasNoLength: 'Diese Szene hat weder einen Clip noch eine geplante Dauer. Gib ihr eins von beiden.',
  SceneHasNoPrompt: 'Diese Szene hat keine Beschreibung. Schreibe erst, was zu sehen sein soll.',
  SceneHasNoVideo: 'Diese Szene hat noch keinen Clip. Lade zuerst einen hoch.',
  SceneNotFound: 'Diese Szene gibt es nicht mehr.',
  SceneSkipped: 'Hier ist nichts zu tun: der Lip-Sync passt noch, oder die Szene hat keinen Clip.',
  ScenesWithoutVideo: 'Manche Szenen haben noch keinen Clip. Lade Clips für sie hoch oder lösche sie.',
  SliceOutsideAudio: 'Der Ton ist zu Ende, bevor dieser Abschnitt beginnt. Wähle einen früheren Anfang.',
  SliceOutsideSong:
    'Unter dieser Szene läuft kein Ton mehr, der Song ist vorher zu Ende. Verschiebe oder kürze Szenen, oder lade einen längeren Song hoch.',
  SplitOutside: 'Hier kann die Szene nicht geteilt werden, die Stelle liegt nicht im Clip.',
  StorageWaiting: 'Der S3-Speicher ist nicht erreichbar. Der Auftrag geht weiter, sobald er wieder da ist.',
  TakeNotFound: 'Diese Version gibt es nicht mehr.',
  TakeWithoutOriginal: 'Diese Version hat keinen Clip mehr und kann nicht verwendet werden.',
  TakesNotJoinable: 'Manche Clips haben nicht das Format des Projekts und müssen neu umgerechnet werden.',
  TrimOutsideClip: 'Dieser Schnitt liegt nicht im Clip. Setze den Anfang vor das Ende, beide in den Clip.',
  UploadWaiting:
    'Das Ergebnis ist fertig und wartet darauf, im S3-Speicher zu sein. Das wird von selbst weiter versucht.',
  VideoNotFound: 'Dieses Video gibt es nicht oder nicht mehr.',
  WorkerLost:
    'Das Programm, das daran arbeitete, endete mehrmals unerwartet, vielleicht weil der Arbeitsspeicher knapp war. Versuche es noch einmal.',

  // This machine's own providers
  CardNotDrawn: 'Das Storyboard-Bild konnte nicht gezeichnet werden. Versuche es noch einmal.',
  ClipNotMade: 'Der Clip konnte nicht gemacht werden. Versuche es noch einmal.',
  EncodingFailed:
    'Das Video konnte nicht geschrieben werden. Prüfe den freien Platz und versuche es noch einmal.',
  LipsyncEngineDied:
    'Der Lip-Sync wurde unerwartet beendet. Versuche es noch einmal; geschieht es wieder, ist vielleicht der Arbeitsspeicher knapp.',
  LipsyncEngineFailed:
    'Der Lip-Sync ist fehlgeschlagen. Versuche es noch einmal; bleibt es dabei, nimm einen anderen Clip.',
  ProviderDied:
    'Die Arbeit auf diesem Computer endete unerwartet. Versuche es noch einmal; geschieht es wieder, ist vielleicht der Arbeitsspeicher knapp.',
  NoDescription: 'Es ist nicht bekannt, wie die Figur aussieht. Beschreibe sie im Projekt.',

  // Paid providers
  BudgetExceeded: 'Das würde mehr kosten, als vom Budget des Projekts übrig ist. Es wurde nichts begonnen.',
  CallGivenUp:
    'Dieser Auftrag war schon aufgegeben, als der Anbieter antwortete; dort wurde er abgebrochen. Starte ihn neu.',
  CallStillOpen: 'Für diesen Auftrag läuft beim Anbieter noch etwas. Brich ihn ab und starte einen neuen.',
  InputNotReachable:
    'Die Datei ist für den Upload zum Anbieter zu groß, und er kann sie nicht aus dem S3-Speicher dieses Studios holen. Nimm einen kürzeren Clip, oder S3_PUBLIC_ENDPOINT wird gesetzt.',
  ModelNotOffered: 'Dieses Modell kann hier nicht gewählt werden. Nimm ein anderes.',
  PriceUnknown:
    'Das Projekt hat ein Budget, und der Preis dieses Modells ist nicht bekannt. Wähle ein anderes Modell oder einen anderen Anbieter, oder nimm das Budget weg.',
  ProviderAborted: 'Der Anbieter hat den Auftrag nicht rechtzeitig begonnen. Versuche es noch einmal.',
  ProviderBadOutput:
    'Der Anbieter ist fertig, aber sein Ergebnis ist nicht brauchbar. Ein neuer Versuch kostet wieder; vielleicht gelingt es einem anderen Modell.',
  ProviderBusy: 'Der Anbieter nahm keine Aufträge mehr an. Versuche es später noch einmal.',
  ProviderCanceled: 'Der Auftrag wurde beim Anbieter abgebrochen. Versuche es noch einmal.',
  ProviderCannotDoThis:
    'Das kann dieses Modell nicht. Ändere, was unten steht, oder nimm ein anderes Modell.',
  ProviderCreditMissing:
    'Auf dem Konto beim Anbieter ist nicht genug Guthaben. Lade es dort auf und versuche es noch einmal.',
  ProviderFailed:
    'Das Modell des Anbieters ist gescheitert. Versuche es noch einmal, mit einem kürzeren Clip oder einem anderen Modell.',
  ProviderInputRefused:
    'Der Anbieter hat die Eingabe abgelehnt. Ändere, was unten steht, oder nimm ein anderes Modell.',
  ProviderInputTooLarge: 'Dem Anbieter ist die Eingabe zu groß. Nimm einen kürzeren oder kleineren Clip.',
  ProviderJobGone: 'Der Anbieter kennt den Auftrag nicht mehr. Sieh dort nach, was aus ihm wurde.',
  ProviderModelNotFound:
    'Dieses Modell hat der Anbieter für das Konto nicht. Prüfe seinen Namen in den Einstellungen.',
  ProviderNotEnabled: 'Dieser Anbieter ist nicht eingeschaltet. Wähle einen anderen.',
  ProviderOutcomeUnknown:
    'Die Verbindung brach ab, während der Auftrag begann. Sieh beim Anbieter nach, ob er lief; von selbst wird nichts noch einmal gesendet.',
  ProviderOutputGone:
    'Der Anbieter war fertig, hat sein Ergebnis aber schon gelöscht. Ein neuer Versuch kostet wieder.',
  ProviderOutputNotFetched:
    'Der Anbieter ist fertig, sein Ergebnis ließ sich aber noch nicht holen. Ein neuer Versuch holt es, ohne noch einmal zu kosten.',
  ProviderRejected:
    'Der Anbieter hat den Auftrag abgelehnt. Ändere den Clip oder den Song und versuche es noch einmal.',
  ProviderTimeout: 'Es dauerte beim Anbieter zu lange, der Auftrag wurde beendet. Versuche es noch einmal.',
  ProviderTokenRefused: 'Der Anbieter hat das Token abgelehnt. Prüfe es in den Einstellungen.',
  ProviderUnreachable: 'Der Anbieter ist nicht erreichbar. Versuche es später noch einmal.',

  // The studio itself
  BadJson: 'Das Studio konnte die Anfrage nicht lesen. Lade die Seite neu und versuche es noch einmal.',
  BadRequest: 'Eine Angabe passt nicht. Welche und warum, steht unten.',
  BodyTooLarge: 'Das ist mehr, als das Studio auf einmal annimmt. Kürze den Text.',
  DatabaseUnavailable:
    'Die Datenbank ist gerade nicht erreichbar. Es ging nichts verloren; versuche es noch einmal.',
  NotFound: 'Das gibt es in diesem Studio nicht. Lade die Seite neu.',
  ProxyNeedsTokens:
    'Die Anfrage kam durch einen Proxy, und dieses Studio hat keine Tokens. Wer es betreibt, setzt API_TOKENS und TRUSTED_PROXIES.',
  CrossSiteRequest: 'Änderungen nimmt das Studio nur von seiner eigenen Seite an.',
  NoSample: 'Dieses Studio wurde ohne das Material des Beispiels gestartet.',
  ScopeTooSmall: 'Dafür reicht dein Token nicht. Melde dich mit einem anderen an.',
  TokenNeeded:
    'Dieses Studio braucht ein Token. Melde dich damit an; wer das Studio betreibt, hat eines für dich.',
  TokenUnknown: 'Dieses Token kennt das Studio nicht: es ist vertippt oder widerrufen.',
  TooManyWrongTokens:
    'Von deiner Adresse kamen zu viele falsche Tokens. Warte eine Weile; wie lange, steht unten.',
  TooManyStreams:
    'Mit diesem Token oder in diesem Studio sind zu viele Verbindungen für Neuigkeiten offen. Schließe einige Tabs.',
  TooManyRequests: 'Das waren zu viele Anfragen in einer Minute. Warte einen Augenblick.',
  UnknownHost:
    'Dieses Studio antwortet nur auf diesem Computer, nicht unter diesem Namen. Öffne es als localhost.',
  WebhookRefused: 'Die Nachricht eines Anbieters wurde nicht angenommen. Den Grund findest du unten.',
};
