/**
 * Words that a card is drawn from. Latin and Cyrillic entries are beginnings of words ("wave" finds
 * "waves"); a "$" at the end asks for the whole word; scripts without spaces are found anywhere.
 * English first, then the commonest words of a few other languages.
 */
export type Vocabulary<Name extends string> = Record<Name, string>;

export const settings = [
  'sea',
  'city',
  'stage',
  'forest',
  'mountains',
  'desert',
  'road',
  'room',
  'field',
  'space',
] as const;
export type Setting = (typeof settings)[number];

export const settingWords: Vocabulary<Setting> = {
  sea: 'sea$ seas$ seaside ocean beach coast shore wave surf harbour harbor island boat$ boats$ ship$ lake river lighthouse pier$ mar$ playa meer$ strand mer$ plage море пляж 海 浜 바다 البحر بحر شاطئ ทะเล समुद्र חוף',
  city: 'city cities street downtown skyline rooftop urban alley subway tokyo york skyscraper building traffic sidewalk neon ciudad calle stadt ville$ rue$ город улиц 城 街 都市 도시 거리 مدينة المدينة شارع เมือง शहर עיר$',
  stage:
    'stage concert spotlight crowd audience arena festival band$ club$ gig$ performance performing bühne scène escenario concierto konzert сцен концерт 舞台 舞臺 ステージ 무대 مسرح เวที במה$',
  forest:
    'forest wood$ woods$ tree trees jungle pine grove bosque wald$ forêt лес$ 森 林 숲 غابة الغابة ป่า जंगल יער$',
  mountains: 'mountain peak cliff valley alps ridge canyon hill montaña berg$ berge montagne гор$ горы 山 산',
  desert: 'desert dune sahara wasteland cactus desierto wüste désert пустын 沙漠 砂漠 사막',
  road: 'road highway car$ cars$ driving drive$ drives$ motorcycle motorbike train$ bus$ carretera strasse straße route$ дорог 道路 公路 도로',
  room: 'room bedroom kitchen window apartment indoor interior hotel bar$ diner corridor office desk studio habitación zimmer chambre комнат 部屋 房间 房間 방$',
  field:
    'field meadow grass wheat farm flower garden prairie park$ picnic campo feld$ wiese champ поле цвет 草原 花 꽃',
  space:
    'space galaxy planet universe cosmos cosmic nebula orbit astronaut abstract dream heaven espacio weltraum weltall espace космос 宇宙 우주',
};

export const times = ['sunrise', 'day', 'sunset', 'dusk', 'night', 'neon'] as const;
export type TimeOfDay = (typeof times)[number];

export const timeWords: Vocabulary<TimeOfDay> = {
  sunrise:
    'sunrise dawn daybreak morning amanecer sonnenaufgang morgen aube рассвет 日の出 朝 日出 일출 شروق الشروق เช้า सुबह זריחה',
  day: 'day$ daylight noon midday sunny bright afternoon día mittag midi$ день 昼 白天 낮$',
  sunset:
    'sunset golden evening atardecer sonnenuntergang abend coucher закат 夕 日落 黄昏 노을 غروب الغروب ตก सूर्यास्त שקיעה',
  dusk: 'dusk twilight blue-hour gloaming crepúsculo dämmerung crépuscule сумерк 暮',
  night:
    'night midnight moonlit moonlight moon$ starry stars$ dark$ noche nacht nuit ноч 夜 밤 ليل$ الليل กลางคืน रात בלילה לילה',
  neon: 'neon cyberpunk synthwave vaporwave laser ultraviolet неон ネオン 霓虹 네온',
};

export const weathers = ['clear', 'rain', 'snow', 'fog'] as const;
export type Weather = (typeof weathers)[number];

export const weatherWords: Vocabulary<Exclude<Weather, 'clear'>> = {
  rain: 'rain storm wet$ drizzl downpour lluvia regen$ pluie дожд 雨 비$ مطر المطر ฝน बारिश גשם',
  snow: 'snow winter blizzard frozen ice$ icy$ nieve schnee neige снег зим 雪 눈$',
  fog: 'fog mist haze smok steam niebla nebel brume туман дым 霧 雾 안개',
};

export const shots = [
  'extreme-close-up',
  'close-up',
  'medium',
  'full',
  'wide',
  'aerial',
  'low-angle',
  'two-shot',
] as const;
export type Shot = (typeof shots)[number];

export const shotWords: Vocabulary<Shot> = {
  'extreme-close-up': 'extreme-close macro$ eye$ eyes$ lips$ ojos augen yeux глаз 目 眼',
  'close-up':
    'close-up closeup close-shot portrait face$ faces$ headshot primer-plano nahaufnahme gros-plan крупн 特写 アップ 클로즈업',
  medium: 'medium mid-shot waist half-body cowboy-shot bust$ 中景',
  full: 'full-body full-shot full-length dancing dances dancer walking walks running runs 全身 춤',
  wide: 'wide long-shot establishing landscape panorama vista far-away distant horizon totale plan-large общий 全景 远景',
  aerial: 'aerial drone bird overhead top-down from-above luftaufnahme 航拍 空撮',
  'low-angle': 'low-angle from-below worm',
  'two-shot': 'two-shot couple duet lovers both$ two-people pareja paar$ пар$ 二人 두$',
};

export const personWords =
  'singer sings singing sing$ woman women man$ men$ girl boy$ boys$ dancer person people she$ he$ her$ his$ guitarist rapper performer musician artist astronaut cowboy cowgirl drummer bride figure silhouette someone kid child mother father friend hero band$ face$ portrait cantante mujer hombre sänger frau$ mann$ chanteu femme homme девушк женщин мужчин певиц певец 人 女 男 歌手 여자 남자 가수 مغني امرأة رجل ร้องเพลง गायक שרה$ זמר';
export const longHairWords =
  'woman women girl she$ her$ bride mother cowgirl queen lady princess mujer frau$ femme chanteuse sängerin девушк женщин певиц 女 여자';
export const microphoneWords =
  'singer sings singing sing$ microphone mic$ vocal rapper cantante sänger chanteu певиц певец 歌 가수 مغني ร้องเพลง गायक שרה$';
export const guitarWords = 'guitar guitarist gitar guitare гитар ギター 吉他 기타';
export const crowdWords = 'crowd audience festival arena fans$ people';

export const leftWords = 'from-the-left left-light lit-left side-lit-left';
export const rightWords = 'from-the-right right-light lit-right';
export const backWords = 'backlit back-lit backlight silhouette contre-jour gegenlicht contraluz';

/** Colours that people ask for, by their hue in degrees of OKLCH. */
export const hueWords: Record<string, number> = {
  'red$ crimson scarlet rojo$ rot$ rote rouge красн 红 赤 빨간': 27,
  'orange amber naranja оранж 橙': 60,
  'yellow golden gold$ amarillo gelb jaune ж[её]лт 黄 노란': 95,
  'green emerald verde grün vert$ зел[её]н 绿 緑 초록': 148,
  'teal turquoise cyan aqua бирюз': 195,
  'blue azure azul blau bleu син$ голуб 蓝 青 파란': 255,
  'purple violet lavender morado lila$ violett фиолет 紫 보라': 305,
  'pink magenta rose$ rosa$ розов 粉 ピンク 분홍': 355,
};
export const greyWords =
  'black-and-white monochrome noir$ grayscale greyscale b&w schwarzweiß blanco-y-negro черно-бел 黑白 白黒 흑백';
